import Data
import Export
import Plan
import Schema

extension CompiledPlan {
  /// The plan with the parameters of a safetensors file, which has a tensor for each, under the name and
  /// in the shape that `mtlc export` gives it. Nothing is trained, and the plan is no checkpoint.
  ///
  /// - Throws: A plan error that names the tensors that are missing, unknown or of another shape.
  public func withWeights(contentsOf path: String) throws(ExperimentError) -> CompiledPlan {
    try ExperimentError.wrap {
      do {
        let bytes = try weightBytes(path)
        return CompiledPlan(try Safetensors(decoding: bytes).applied(to: plan))
      } catch let error as ExportError {
        throw ExperimentError(.plan, "\(path): \(error.message)", hint: error.hint)
      }
    }
  }

  /// The bytes of a file that holds no more than the plan's parameters with their optimizer states can
  /// need.
  private func weightBytes(_ path: String) throws -> [UInt8] {
    let file = try FileSource(path)
    let blocks = plan.training.optimizer.stateBlocks.plus(1)
    let most = plan.parameterFloats.times(blocks).times(4)
      .plus(SafetensorsHeader.lengthBytes + SafetensorsHeader.maximumBytes)
    var bytes: [UInt8] = []
    if let size = file.size { bytes.reserveCapacity(min(size, most)) }
    while true {
      let more = try file.read(count: 1 << 20)
      if more.isEmpty { return bytes }
      bytes += more
      guard bytes.count <= most else {
        throw ExportError(
          "it is larger than the parameters of the plan", hint: "is it the right file?")
      }
    }
  }
}
