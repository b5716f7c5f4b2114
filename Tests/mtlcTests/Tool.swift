import Foundation
import Testing

/// Runs the real binary, which lies beside the test bundle.
enum Tool {
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  static let binary: URL? = {
    var places = CommandLine.arguments + [Bundle.main.bundlePath]
    places += Bundle.allBundles.map(\.bundlePath)
    for place in places where place.hasPrefix("/") {
      var folder = URL(fileURLWithPath: place)
      for _ in 0..<6 {
        folder.deleteLastPathComponent()
        let candidate = folder.appendingPathComponent("mtlc")
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder),
          !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: candidate.path)
        {
          return candidate
        }
      }
    }
    return nil
  }()

  /// - Parameters:
  ///   - output: where standard output goes instead of into the outcome.
  ///   - limit: a limit of the shell: `-f 8` is the largest file that can be written, in blocks of 512 bytes or of
  ///     1 KiB, `-v 100000` the address space in KiB.
  static func run(
    _ arguments: [String], input: String = "", in folder: Workbench, output: String? = nil,
    limit: String? = nil, variables: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    let tool: URL = try #require(binary, "the binary mtlc is not beside the test bundle")
    process.executableURL = tool
    process.arguments = arguments
    if let limit {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments =
        ["-c", "ulimit \(limit); exec \"$0\" \"$@\"", tool.path] + arguments
    }
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    var environment = ProcessInfo.processInfo.environment
    environment["NO_COLOR"] = "1"
    environment.merge(variables) { $1 }
    process.environment = environment
    // Files, not pipes: nobody has to empty them while the tool runs.
    let streams = try TemporaryFolder()
    let inputPath = streams.path + "/in"
    try input.write(toFile: inputPath, atomically: false, encoding: .utf8)
    let outputPath = output ?? streams.path + "/out"
    for path in [outputPath, streams.path + "/err"]
    where !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: inputPath))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: streams.path + "/err"))
    try process.run()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus,
      output: output == nil ? try String(contentsOfFile: outputPath, encoding: .utf8) : "",
      errors: try String(contentsOfFile: streams.path + "/err", encoding: .utf8))
  }
}

/// A folder that goes when nobody holds it any more.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let name = "mtlc-tests-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
