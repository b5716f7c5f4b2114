import Foundation
import TestSupport
import Testing

/// A folder with a small spec and its data, and the tool run inside it.
final class Workbench: Sendable {
  private let folder: TemporaryFolder
  var path: String { folder.path }

  /// A spec small enough for a debug build.
  static let spec = """
    {
      name: "small",
      data: { train: "train.csv", test: "test.csv" },
      features: [
        { columns: ["city", "device"], type: "id", embedding_dim: 4 },
        { name: "member", type: "id", encoding: "one_hot" },
        { columns: ["age", "discount"], type: "numeric", normalizer: "zscore" },
      ],
      tasks: [{ name: "click" }, { name: "purchase" }],
      model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
      training: { batch_size: 64, epochs: 2, optimizer: { type: "adam", learning_rate: 0.01 } },
    }
    """

  /// The sample's first rows, made once.
  private static let tables = Result { () throws -> (train: String, test: String) in
    let bench = try Workbench(empty: ())
    try bench.expect(0, ["sample", ".", "--rows", "600", "--test-rows", "300"])
    return (try bench.text("train.csv"), try bench.text("test.csv"))
  }

  init(empty: ()) throws { folder = try TemporaryFolder() }

  convenience init(spec: String = Workbench.spec) throws {
    try self.init(empty: ())
    let tables = try Self.tables.get()
    try write(tables.train, to: "train.csv")
    try write(tables.test, to: "test.csv")
    try write(spec, to: "spec.json5")
  }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  var files: Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
  }

  func run(_ arguments: [String], input: String = "", output: String? = nil) throws -> Tool.Outcome
  {
    try Tool.run(arguments, input: input, in: self, output: output)
  }

  /// Starts the tool, with a standard input that stays open.
  func start(_ arguments: [String]) throws -> (Process, Pipe) {
    let process = Process()
    let binary: URL = try #require(Tool.binary)
    process.executableURL = binary
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    let input = Pipe()
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try withSignalsOfATerminal { try process.run() }
    return (process, input)
  }

  /// Waits until the folder has a file with these letters in its name that stays.
  func wait(
    for letters: String, in folder: String, _ location: SourceLocation = #_sourceLocation
  ) throws {
    var last: String?
    for _ in 0..<300 {
      let names = try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")
      let found = names?.first { $0.contains(letters) }
      if found != nil, found == last { return }
      last = found
      usleep(100_000)
    }
    Issue.record("no file \(letters)", sourceLocation: location)
  }

  /// Trains into the folder `out` until there is a checkpoint, and stops the run by a signal. On a busy
  /// machine a run may end before the signal reaches it; then another one is started.
  func interrupt(
    _ training: [String], _ signal: Int32 = SIGTERM,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let checkpoint = "\(path)/out/checkpoint.bin"
    for _ in 0..<20 {
      let (process, input) = try start(training + ["--checkpoint"])
      for _ in 0..<6000
      where process.isRunning && !FileManager.default.fileExists(atPath: checkpoint) {
        usleep(5_000)
      }
      if process.isRunning { kill(process.processIdentifier, signal) }
      process.waitUntilExit()
      withExtendedLifetime(input) {}
      let hasEnded = process.terminationReason == .exit && process.terminationStatus == 0
      if hasEnded {
        try FileManager.default.removeItem(atPath: "\(path)/out")
        continue
      }
      #expect(
        process.terminationReason == .exit && process.terminationStatus == 9,
        sourceLocation: location)
      return
    }
    Issue.record("every run ended before the signal", sourceLocation: location)
  }

  /// Runs the tool and checks the code it ends with, and that it says each of the words.
  @discardableResult
  func expect(
    _ code: Int32, _ arguments: [String], says words: [String] = [], input: String = "",
    _ location: SourceLocation = #_sourceLocation
  ) throws -> Tool.Outcome {
    let outcome = try run(arguments, input: input)
    #expect(
      outcome.code == code, "\(arguments): \(outcome.errors)", sourceLocation: location)
    for word in words {
      #expect(
        outcome.errors.contains(word) || outcome.output.contains(word),
        "\(arguments) says: \(outcome.errors)", sourceLocation: location)
    }
    return outcome
  }

  /// As `expect` for a failure: one message, no result, and no new file.
  func expectFailure(
    _ code: Int32, _ arguments: [String], says words: [String], input: String = "",
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let before = files
    let outcome = try expect(code, arguments + ["-q"], says: words, input: input, location)
    #expect(outcome.output.isEmpty, "\(arguments)", sourceLocation: location)
    #expect(outcome.errors.hasPrefix("mtlc: error: "), "\(arguments)", sourceLocation: location)
    #expect(files == before, "\(arguments) left a file", sourceLocation: location)
  }

  /// A JSON document as dictionaries and arrays.
  static func json(_ text: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any])
  }
}
