import Data
import Experiments
import Foundation
import ModelDefs
import Schema

/// Files of every format with changed bytes, special files and sizes: each is read, the same way on one
/// thread and on several, from a file and through a pipe, or refused with a message that can be shown.
struct InputCampaign: Campaign {
  static let name = "inputs"
  static let summary =
    "files of every format with changed bytes, special files: read alike, or refused"
  static let limits = CaseLimits(seconds: 5, memory: 1_536)

  private let folder: String
  private let subjects = InputSubject.all
  private let mutator = InputMutator()
  private let kept: KeptFiles

  init(folder: String) throws {
    self.folder = "\(folder)/inputs-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(
      atPath: self.folder, withIntermediateDirectories: true)
    kept = try KeptFiles(folder: self.folder)
    // Who reads a pipe may stop before its end.
    signal(SIGPIPE, SIG_IGN)
  }

  func run(_ test: inout Case) throws -> String {
    if test.random.isOne(in: 12) { return try special(&test) }
    if test.random.isOne(in: 10) {
      return try kept.use(mutator, &test) { try ending($0, $1, $2) }
    }
    let subject = test.random.pick(subjects)
    var bytes = mutator.mutate(
      subject.bytes, subject.other ?? test.random.pick(subjects).bytes, &test)
    if test.random.isOne(in: 300) { bytes = mutator.repeated(bytes, &test) }
    test.note(
      "\(subject.name): \(bytes.count) bytes: \(MessageText.printable(bytes: bytes.prefix(600)))")
    let path = "\(folder)/\(subject.file)"
    try write(bytes, path)
    switch subject.use {
    case .rows(let declaration):
      return try read(path, declaration(&test.random), subject.name, &test)
    case .spec: return try spec(bytes, &test)
    case .images:
      return try ending(subject.name, path) { _ = try ImageArray(path: path) }
    case .vectors: return try vectors(path, subject.name, &test)
    }
  }

  // MARK: What is done with a file

  /// Reads a table of vectors, by its own keys or those of another file.
  private func vectors(_ path: String, _ name: String, _ test: inout Case) throws -> String {
    let keys = "\(folder)/keys.txt"
    if test.random.isOne(in: 8) { try write(Array("3\n1\n4\n15\n9\n2\n6\n5\n35\n8\n".utf8), keys) }
    let file = VectorFile(
      path, tensor: test.random.isOne(in: 2) ? "half" : nil,
      keys: test.random.isOne(in: 4) && FileManager.default.fileExists(atPath: keys) ? keys : nil)
    let feature = FeatureSchema(name: "id", column: "id", encoder: .id(.identity(count: 10)))
    return try ending(name, path) {
      var table = try file.table(of: feature, dim: 3, isLearned: false)
      table.fillWithMean()
      guard table.values.count == 33, table.values.allSatisfy(\.isFinite) else {
        throw Fault(description: "\(name): values that are not finite")
      }
    }
  }

  /// Fits and reads rows in several ways, which must agree.
  private func read(
    _ path: String, _ declaration: DataDeclaration, _ name: String, _ test: inout Case
  ) throws -> String {
    let skips = test.random.isOne(in: 3)
    let keepsBytes = test.random.isOne(in: 2)
    func fit(threads: Int, _ path: String = path) throws -> (FittedData, damaged: Int) {
      let damage = skips ? DamageLog() : nil
      var options = ReadOptions(memoryLimit: 64 << 20, threads: threads, damage: damage)
      options.keepsBytes = keepsBytes
      return (try declaration.fit([path], options: options), damage?.count ?? 0)
    }
    var fitted: (FittedData, damaged: Int)?
    let end = try ending(name, path) { fitted = try fit(threads: 1) }
    let again = Result { try fit(threads: 3) }
    guard let (rows, damaged) = fitted else {
      if case .success = again { throw Fault(description: "\(name): read on three threads alone") }
      return end
    }
    let other = try again.get()
    guard other.damaged == damaged, other.0.schema == rows.schema,
      Self.values(other.0.dataset) == Self.values(rows.dataset)
    else { throw Fault(description: "\(name): other rows on three threads") }
    if !skips {
      let read = try Dataset.read(
        [path], schema: rows.schema, options: ReadOptions(memoryLimit: 64 << 20)
      ).dataset
      guard Self.values(read) == Self.values(rows.dataset) else {
        throw Fault(description: "\(name): other rows by the fitted schema")
      }
      try predict(path, rows, name)
      if test.random.isOne(in: 4), rows.schema.format.layout != .npy {
        try predictText(path, rows, name)
      }
    }
    if test.random.isOne(in: 4), !path.hasSuffix(".npy") {
      let pipe = try throughPipe(path) { try fit(threads: 1, $0).0 }
      guard pipe.schema == rows.schema, Self.values(pipe.dataset) == Self.values(rows.dataset)
      else { throw Fault(description: "\(name): other rows through a pipe") }
    }
    return damaged > 0 ? "\(name): read without damaged records" : end
  }

  /// Reads the rows as those to predict for; they have the features of the fitted ones.
  private func predict(_ path: String, _ fitted: FittedData, _ name: String) throws {
    let reader = try PredictionReader(path, schema: fitted.schema, batchRows: 7)
    var count = 0
    while let batch = try reader.nextBatch() { count += batch.rowCount }
    guard count == fitted.dataset.rowCount else {
      throw Fault(description: "\(name): \(count) rows to predict of \(fitted.dataset.rowCount)")
    }
  }

  /// The same from the file's bytes in memory, as the C library reads them.
  private func predictText(_ path: String, _ fitted: FittedData, _ name: String) throws {
    let bytes = [UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: path)))
    let encoder = try ValueEncoder(fitted.schema)
    try bytes.withUnsafeBytes { text in
      let reader = try PredictionReader(text: text, for: encoder, batchRows: 64)
      var count = 0
      while let batch = try reader.nextBatch() { count += batch.rowCount }
      guard count == fitted.dataset.rowCount else {
        throw Fault(description: "\(name): \(count) rows of its text in memory")
      }
    }
  }

  private static func values(_ dataset: Dataset) -> [[UInt32]] {
    dataset.feeds.map { feed in
      feed.isInteger
        ? (dataset.integers(feed.name).map { $0.map(UInt32.init(bitPattern:)) } ?? [])
        : (dataset.floats(feed.name).map { $0.map(\.bitPattern) } ?? [])
    }
  }

  private func spec(_ bytes: [UInt8], _ test: inout Case) throws -> String {
    let path = "\(folder)/spec.json5"
    var assignments: [String] = []
    if test.random.isOne(in: 3) {
      assignments = [mutator.text(&test.random) + "=" + mutator.text(&test.random)]
    }
    test.note("\(assignments)")
    return try ending("spec", path) {
      _ = try Experiment(contentsOf: path, assignments: assignments)
    }
  }

  /// Files that are none, and sizes out of the ordinary.
  private func special(_ test: inout Case) throws -> String {
    let loop = "\(folder)/loop"
    try? FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
    let long = "\(folder)/long.csv"
    let path = test.random.pick([
      folder, "/dev/null", "/dev/full", loop, "\(folder)/absent.csv", "", "a\u{0}b", long,
      String(repeating: "x", count: 5000), "/dev/null/x",
    ])
    if path == long {
      let size = test.random.pick([0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 3 << 19])
      let filling = test.random.pick(Array("a,\"\n\r\u{0} é".utf8))
      try write(
        Array("a,b\n".utf8) + [UInt8](repeating: filling, count: size) + Array("1,2\n".utf8), long)
      test.note("\(size) times \(filling)")
    }
    test.note(path)
    let subject = test.random.pick(subjects)
    switch subject.use {
    case .rows(let declaration):
      let declaration = declaration(&test.random)
      return try ending("special files", path) {
        _ = try declaration.fit([path], options: ReadOptions(rowLimit: 1000, memoryLimit: 64 << 20))
      }
    case .spec:
      return try ending("special files", path) { _ = try Experiment(contentsOf: path) }
    case .images: return try ending("special files", path) { _ = try ImageArray(path: path) }
    case .vectors: return try vectors(path, "special files", &test)
    }
  }

  // MARK: How it ends

  /// Runs the body, whose errors must be those of input with a message that can be shown.
  private func ending(_ name: String, _ path: String, _ body: () throws -> Void) throws -> String {
    do {
      try body()
      return "\(name): read"
    } catch let error as DataError {
      try checkMessage(error.description, path)
    } catch let error as ExperimentError
      where [.spec, .data, .plan, .argument].contains(error.kind)
    {
      try checkMessage(error.description, path)
    }
    return "\(name): refused"
  }

  private func checkMessage(_ text: String, _ path: String) throws {
    // The path is the caller's.
    let message = path.isEmpty ? text : text.replacing(path, with: "FILE")
    let isPrintable = message.split(separator: "\n", omittingEmptySubsequences: false)
      .allSatisfy { MessageText.printable(String($0)) == $0 }
    guard isPrintable, message.count <= MessageText.mostCharacters else {
      throw Fault(
        description: "a message of \(message.count) characters: "
          + MessageText.printable(String(message.prefix(300))))
    }
  }

  // MARK: Files

  private func write(_ bytes: [UInt8], _ path: String) throws {
    try Foundation.Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// Runs the body with a named pipe through which a file comes.
  private func throughPipe<Value>(_ path: String, _ body: (String) throws -> Value) throws -> Value
  {
    let pipe = "\(folder)/pipe"
    unlink(pipe)
    guard mkfifo(pipe, 0o600) == 0 else { throw Fault(description: "no named pipe can be made") }
    let bytes = [UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: path)))
    let writer = Thread {
      guard let file = FileHandle(forWritingAtPath: pipe) else { return }
      for start in stride(from: 0, to: bytes.count, by: 777) {
        let part = Foundation.Data(bytes[start..<min(start + 777, bytes.count)])
        guard (try? file.write(contentsOf: part)) != nil else { break }
      }
      try? file.close()
    }
    writer.start()
    return try body(pipe)
  }
}
