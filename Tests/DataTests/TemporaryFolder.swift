import Foundation
import Schema

/// A folder that lasts as long as the value that names it.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("mtlc-data-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  func write(_ text: String, _ name: String = "table.csv") throws -> String {
    try write(Array(text.utf8), name)
  }

  func write(_ bytes: [UInt8], _ name: String = "table.csv") throws -> String {
    let path = file(name)
    try Foundation.Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
  }
}
