import Foundation
import TestSupport
import Testing

/// The example in C and the binding for Python, with the shared library. A machine without a compiler of
/// C, Python or the library leaves a test out, and says so.
@Suite struct ExampleTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// The shared library of this build, beside the tests.
  private static let library: String? = {
    var folders = [Bundle.main.bundleURL]
    if let own = Bundle.main.executableURL { folders.append(own.deletingLastPathComponent()) }
    let paths = CommandLine.arguments.first.map { URL(fileURLWithPath: $0) }
    if let paths { folders.append(paths.deletingLastPathComponent()) }
    return folders.map { $0.appending(path: "libmtlc-c.so").path }
      .first { FileManager.default.fileExists(atPath: $0) }
  }()
  private static let compiler = tool("cc")
  private static let python = tool("python3")

  private static func tool(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Runs a program. Returns what it printed, to both outputs; throws where it failed.
  private func run(
    _ program: String, _ arguments: [String], input: String? = nil,
    environment: [String: String] = [:]
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput =
      try input.map { try FileHandle(forReadingFrom: URL(fileURLWithPath: $0)) }
      ?? FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    struct Failure: Error { var text: String }
    if process.terminationStatus != 0 { throw Failure(text: text) }
    return text
  }

  private func values(_ text: some StringProtocol) -> [Float] {
    text.split(separator: "\n").dropFirst()
      .flatMap { $0.split(separator: ",").map { Float($0) ?? .nan } }
  }

  @Test(
    .enabled(if: compiler != nil && library != nil, "needs cc and libmtlc-c"),
    .disabled(if: Sanitizer.isPresent, "cc links no library with Swift's sanitizer"))
  func theExampleInC() throws {
    let fixture = try Fixture.shared.get()
    let library = URL(fileURLWithPath: try #require(Self.library)).deletingLastPathComponent().path
    let compiler = try #require(Self.compiler)
    for name in ["predict", "bench"] {
      let printed = try run(
        compiler,
        [
          "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror",
          "-I\(Self.root.appending(path: "Sources/CMtlc/include").path)",
          Self.root.appending(path: "examples/c/\(name).c").path, "-L\(library)", "-lmtlc-c",
          "-Wl,-rpath,\(library)", "-o", "\(fixture.folder)/\(name)",
        ])
      #expect(printed == "")
    }
    let program = "\(fixture.folder)/predict"
    let described = try run(program, [fixture.planFile])
    #expect(described.contains("plan all kinds\n") && described.contains("output kind.q\n"))
    #expect(described.contains("column age: numbers integers texts\n"))
    #expect(
      values(try run(program, [fixture.planFile, "-"], input: "\(fixture.folder)/test.csv"))
        == fixture.expected)
    for row in [0, 7, 31] {
      let width = fixture.outputs.count
      // A side table's columns are given too: the example gives all columns.
      var fields = fixture.rows[row]
      if let user = Int(fields["user"] ?? ""), user < 12 {
        fields["segment"] = "s\(user % 3)"
        fields["income"] = "\(1000 + 37 * user)"
      }
      let arguments = fields.filter { !Fixture.labels.contains($0.key) }
        .map { "\($0.key)=\($0.value)" }
      #expect(
        values(try run(program, [fixture.planFile] + arguments))
          == Array(fixture.expectedAlone[row * width..<(row + 1) * width]))
    }
    let error = #expect(throws: (any Error).self) {
      try run(program, [fixture.planFile, "age=old"])
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("age"))
  }

  @Test(
    .enabled(if: python != nil && library != nil, "needs python3 and libmtlc-c"),
    .disabled(if: Sanitizer.isPresent, "python3 loads no library with Swift's sanitizer"))
  func theBindingForPython() throws {
    let fixture = try Fixture.shared.get()
    let folder = Self.root.appending(path: "bindings/python").path
    let environment = [
      "MTLC_LIBRARY": try #require(Self.library), "PYTHONPATH": folder,
      "PYTHONDONTWRITEBYTECODE": "1",
    ]
    let python = try #require(Self.python)
    let printed = try run(
      python, ["\(folder)/example.py", fixture.planFile, "\(fixture.folder)/test.csv"],
      environment: environment)
    #expect(values(printed) == fixture.expected)
    let checked = try run(
      python,
      [
        Self.root.appending(path: "Tests/CInterfaceTests/binding_test.py").path, fixture.planFile,
        "\(fixture.folder)/test.csv", "\(fixture.folder)/out.csv", "\(fixture.folder)/alone.csv",
      ], environment: environment)
    #expect(checked.hasSuffix("all right\n"), "\(checked)")
  }
}
