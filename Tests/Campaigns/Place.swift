import Foundation

/// A number in a file that two processes share. Writing it is a store to memory, and it outlasts the
/// process that wrote it.
struct Place: @unchecked Sendable {
  // One process writes it, and another reads it when that one has ended.
  private let number: UnsafeMutablePointer<Int>

  /// - Parameter path: Of a file that `make` made.
  init(_ path: String) throws {
    let file = open(path, O_RDWR)
    let size = MemoryLayout<Int>.size
    let map = file < 0 ? nil : mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    close(file)
    guard let map, map != MAP_FAILED else {
      throw Fault(description: "\(path) cannot be mapped")
    }
    number = map.assumingMemoryBound(to: Int.self)
  }

  /// Makes a file without a number in it.
  static func make(_ path: String) {
    let none = withUnsafeBytes(of: -1) { Data($0) }
    _ = FileManager.default.createFile(atPath: path, contents: none)
  }

  func set(_ index: Int) { number.pointee = index }

  /// The number in such a file; nil when none was set.
  static func number(in path: String) -> Int? {
    guard let data = FileManager.default.contents(atPath: path), data.count == 8 else { return nil }
    let index = data.withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
    return index < 0 ? nil : index
  }
}
