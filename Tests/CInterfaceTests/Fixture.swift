import CMtlc
import Experiments
import Foundation
import Testing

/// A trained plan with features of all kinds, and a file of rows with what `mtlc run --predict` makes of
/// it: texts that were not seen, missing values, lists that are too long.
final class Fixture: Sendable {
  static let shared: Result<Fixture, any Error> = Result {
    // It lives as long as the process, which removes its folder.
    atexit { if case .success(let shared) = Fixture.shared { shared.removeFolder() } }
    return try Fixture()
  }

  let folder: String
  let plan: CompiledPlan
  var planFile: String { "\(folder)/plan.bin" }
  /// The rows, as text by column.
  let rows: [[String: String]]
  /// The bytes of the file of the rows.
  let table: String
  /// The names of the outputs, and the values of each row in turn.
  let outputs: [String]
  let expected: [Float]
  /// The same of each row in a file of its own: a program rounds in another order for one row.
  let expectedAlone: [Float]

  private static let spec = """
    {
      name: "all kinds",
      data: { train: "train.csv", test: "test.csv", missing: ["", "?"],
        join: [{ file: "users.csv", key: "user" }] },
      features: [
        { name: "city", type: "id", embedding_dim: 4 },
        { name: "member", type: "id", encoding: "one_hot" },
        { name: "code", type: "id", hash_bucket_size: 7, embedding_dim: 4 },
        { name: "shelf", type: "id", num_ids: 10, embedding_dim: 4 },
        { name: "user", type: "id", embedding_dim: 4 },
        { name: "segment", type: "id", embedding_dim: 4 },
        { name: "income", type: "numeric" },
        { name: "age", type: "numeric", normalizer: "zscore", missing: ["-1"] },
        { name: "price", type: "numeric", normalizer: "log" },
        { name: "amount", type: "numeric", normalizer: "minmax", decimal: ",", thousands: "." },
        { name: "score", type: "numeric", boundaries: [0.2, 0.5], raw: true, embedding_dim: 4 },
        { name: "visits", type: "numeric", num_buckets: 4, embedding_dim: 4 },
        { name: "history", type: "sequence", max_length: 3, embedding_dim: 4, embedding_name: "city" },
        { name: "tags", type: "sequence", weighted: true, pooling: "sum", max_length: 2,
          embedding_dim: 4 },
        { name: "items", type: "sequence", weights_column: "item_weights", num_ids: 20, max_length: 4,
          keep: "first", pooling: "sum", embedding_dim: 4 },
        { name: "words", type: "sequence", brackets: true, max_length: 3, embedding_dim: 4,
          pooling: "max" },
        { name: "when", type: "datetime", parts: ["weekday", "hour", "days"] },
        { name: "stamp", type: "datetime", time_format: "seconds", parts: ["minute", "year"] },
        { name: "city_by_member", type: "cross", of: ["city", "member"], hash_bucket_size: 11,
          embedding_dim: 4 },
        { name: "vector", type: "vector", dim: 3, separator: ";" },
      ],
      tasks: [
        { name: "click" }, { name: "kind", classes: ["p", "q", "r"] },
        { name: "spend", loss: "mse" },
      ],
      model: { type: "mmoe", num_experts: 3, expert_hidden_units: [6], tower_hidden_units: [4] },
      training: { batch_size: 16, eval_batch_size: 8, epochs: 1, optimizer: { type: "adam" } },
    }
    """

  static let labels = ["click", "kind", "spend"]
  static let columns = [
    "city", "member", "code", "shelf", "user", "age", "price", "amount", "score", "visits",
    "history",
    "tags", "items", "item_weights", "words", "when", "stamp", "vector",
  ]

  init() throws {
    folder =
      FileManager.default.temporaryDirectory.appending(path: "c-interface-\(UUID().uuidString)")
      .path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var random = Xorshift(state: 7)
    var users = "user,segment,income\n"
    for user in 0..<12 { users += "\(user),s\(user % 3),\(1000 + 37 * user)\n" }
    try Self.write(users, "\(folder)/users.csv")
    let train = (0..<160).map { _ in Self.row(&random, isTest: false) }
    rows = (0..<60).map { _ in Self.row(&random, isTest: true) }
    try Self.write(Self.table(train, Self.columns + Self.labels), "\(folder)/train.csv")
    table = Self.table(rows, Self.columns + Self.labels)
    try Self.write(table, "\(folder)/test.csv")
    try Self.write(Self.spec, "\(folder)/spec.json5")
    let run = try Experiment(contentsOf: "\(folder)/spec.json5").train()
    try run.plan.write(to: "\(folder)/plan.bin")
    plan = try CompiledPlan(contentsOf: "\(folder)/plan.bin")
    let predictor = try Predictor(plan, threads: 1)
    try predictor.predict(file: "\(folder)/test.csv", to: "\(folder)/out.csv")
    outputs = predictor.columns
    let lines = try String(contentsOfFile: "\(folder)/out.csv", encoding: .utf8).split(
      separator: "\n")
    expected = lines.dropFirst().flatMap { $0.split(separator: ",").map { Float($0) ?? .nan } }
    let names = outputs
    expectedAlone = try rows.flatMap { row in
      let values = try predictor.predict([row])
      return names.map { values[$0]?.first ?? .nan }
    }
    let alone = stride(from: 0, to: expectedAlone.count, by: names.count).map { start in
      expectedAlone[start..<start + names.count].map { "\($0)" }.joined(separator: ",")
    }
    try Self.write(
      ([names.joined(separator: ",")] + alone).joined(separator: "\n") + "\n",
      "\(folder)/alone.csv")
  }

  deinit { removeFolder() }

  private func removeFolder() { try? FileManager.default.removeItem(atPath: folder) }

  static func write(_ text: String, _ path: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  static func table(_ rows: [[String: String]], _ columns: [String]) -> String {
    let lines =
      [columns.joined(separator: ",")]
      + rows.map { row in
        columns.map { "\"\((row[$0] ?? "").replacing("\"", with: "\"\""))\"" }
          .joined(separator: ",")
      }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A row of which one in ten values is missing; one in ten texts is new in a test row.
  private static func row(_ random: inout Xorshift, isTest: Bool) -> [String: String] {
    func pick(_ texts: [String]) -> String {
      if random.next(10) == 0 { return random.next(2) == 0 ? "" : "?" }
      return isTest && random.next(10) == 0 ? "new ø" : texts[random.next(texts.count)]
    }
    func number(_ text: String) -> String { random.next(10) == 0 ? "" : text }
    func list(_ separator: String, _ item: () -> String) -> [String] {
      (0..<random.next(6)).map { _ in item() }
    }
    let cities = ["rome", "oslo", "bern", "ürümqi", "são tomé"]
    let ids = list("|") { "\(random.next(isTest ? 23 : 20))" }
    let words = list(",") { "'\(["a", "b b", "c"][random.next(3)])'" }
    let amount = random.next(4_000_000)
    let thousands = amount / 100_000
    let vector = (0..<3).map { _ in "\(Double(random.next(2000)) / 1000 - 1)" }
    return [
      "city": pick(cities), "member": pick(["yes", "no"]), "code": pick(["a1", "b2", "c3", "d4"]),
      "shelf": number("\(random.next(isTest ? 12 : 10))"),
      "user": "\(random.next(isTest ? 14 : 12))",
      "age": random.next(8) == 0 ? "-1" : number("\(18 + random.next(60))"),
      "price": number("\(Double(random.next(100_000)) / 1000 - 20)"),
      "amount": number(
        (thousands > 0 ? "\(thousands)." : "")
          + (thousands > 0 ? String(format: "%03d", amount / 100 % 1000) : "\(amount / 100 % 1000)")
          + "," + String(format: "%02d", amount % 100)),
      "score": number("\(Double(random.next(1000)) / 1000)"),
      "visits": number("\(random.next(50))"),
      "history": list("|") { pick(cities) }.joined(separator: "|"),
      "tags": list("|") { "\(["x", "y", "z"][random.next(3)]):\(Double(random.next(30)) / 10 - 1)" }
        .joined(separator: "|"),
      "items": ids.joined(separator: "|"),
      "item_weights": random.next(4) == 0
        ? "" : ids.map { _ in "\(Double(1 + random.next(50)) / 7)" }.joined(separator: "|"),
      "words": random.next(10) == 0 ? "" : "[\(words.joined(separator: ", "))]",
      "when": number(
        String(
          format: "2024-%02d-%02d %02d:%02d:00", 1 + random.next(12), 1 + random.next(28),
          random.next(24), random.next(60))),
      "stamp": number("\(1_600_000_000 + random.next(100_000_000))"),
      "vector": random.next(8) == 0 ? "?" : vector.joined(separator: ";"),
      "click": "\(random.next(2))", "kind": ["p", "q", "r"][random.next(3)],
      "spend": "\(random.next(100))",
    ]
  }
}

/// Random numbers that are the same everywhere (Marsaglia's xorshift).
struct Xorshift {
  var state: UInt64

  mutating func next(_ limit: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % limit
  }
}
