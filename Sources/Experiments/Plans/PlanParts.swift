import Data
import Plan
import Schema

/// A plan file whose blocks of floats (weights, optimizer states …) are read piece by piece: for those that hold a
/// part of them alone.
struct PlanParts {
  /// Its blocks are empty.
  let plan: Plan
  let blocks: PlanBlocks
  private let file: FileSource

  /// Reads, checks and validates all but the blocks. Throws a plan error.
  init(_ path: String) throws {
    do {
      file = try FileSource(path)
      guard let size = file.size else {
        throw ExperimentError(.plan, "\(path): no regular file, which tables are read from")
      }
      let source = file
      (plan, blocks) = try PlanBlocks.read(size: size) { place, count in
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try bytes.withUnsafeMutableBytes { try source.read(at: place, into: $0) }
        bytes.removeLast(count - found)
        return bytes
      }
    } catch let error as PlanError {
      throw ExperimentError(.plan, "\(path): \(error)")
    } catch let error as DataError {
      throw ExperimentError(.plan, error.description)
    }
  }

  /// Reads floats of a block from a place on.
  func read(_ block: Int, _ place: Int, _ floats: UnsafeMutableBufferPointer<Float>) throws {
    let bytes = UnsafeMutableRawBufferPointer(floats)
    let start = blocks.places.indices.contains(block) ? blocks.places[block] : 0
    guard start > 0, try file.read(at: start + 4 * place, into: bytes) == bytes.count else {
      throw ExperimentError(.plan, "\(file.path): the file changed while it was read")
    }
  }
}
