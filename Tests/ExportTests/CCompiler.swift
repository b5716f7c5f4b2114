import Foundation
import Testing

/// The system's C compiler, where there is one.
enum CCompiler {
  static let path: String? = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  static let strict = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]

  /// Compiles files of a folder into a program and runs it; what it prints.
  static func run(
    _ files: [String], in folder: String, flags: [String] = strict, arguments: [String] = []
  ) throws -> String {
    let compiler = try #require(path)
    try call(compiler, flags + files + ["-lm", "-o", "program"], in: folder)
    return try call("\(folder)/program", arguments, in: folder)
  }

  @discardableResult
  private static func call(
    _ program: String, _ arguments: [String], in folder: String
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let output = "\(folder)/output.txt"
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOfFile: output, encoding: .utf8)
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(arguments.joined(separator: " ")): \(text.prefix(3000))")
    }
    return text
  }

  struct Failure: Error, CustomStringConvertible { var description: String }
}
