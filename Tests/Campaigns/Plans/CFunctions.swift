import CMtlc
import Foundation

/// The functions of the C library on a plan's bytes: each returns, with a text where it fails, and writes
/// no more than there is room for.
struct CFunctions {
  /// More predictions than this are not asked for.
  private static let mostValues = 1 << 22
  /// What stands behind the room for predictions.
  private static let mark: Float = 7.25

  private static let ok = Int32(MTLC_OK)

  /// A file of rows.
  let rows: String

  func use(_ bytes: [UInt8], _ test: inout Case) throws {
    test.note("called from C")
    var plan: OpaquePointer?
    guard mtlc_plan_read(bytes, bytes.count, &plan) == Self.ok else { return try told(&test) }
    defer { mtlc_plan_free(plan) }
    try describe(plan)
    var predictor: OpaquePointer?
    guard mtlc_predictor_create(plan, &predictor) == Self.ok else { return try told(&test) }
    defer { mtlc_predictor_free(predictor) }
    switch test.random.below(3) {
    case 0: try predictColumns(plan, predictor, &test)
    case 1: try predictFeeds(plan, predictor, &test)
    default: try predictText(plan, predictor, &test)
    }
  }

  /// What failed says why.
  private func told(_ test: inout Case) throws {
    guard let text = mtlc_error(), text.pointee != 0 else {
      throw Fault(description: "a C function fails without a text")
    }
    test.note(String(cString: text))
  }

  /// All that is told of a plan, and places beyond.
  private func describe(_ plan: OpaquePointer?) throws {
    _ = mtlc_plan_name(plan).map { String(cString: $0) }
    var column = mtlc_column_info()
    column.size = MemoryLayout<mtlc_column_info>.size
    for index in 0...mtlc_plan_column_count(plan) {
      guard mtlc_plan_column(plan, index, &column) == Self.ok else { continue }
      var found = 0
      guard mtlc_plan_find_column(plan, column.name, &found) == Self.ok else {
        throw Fault(description: "a column of a plan is not found by its name")
      }
    }
    var feature = mtlc_feature_info()
    feature.size = MemoryLayout<mtlc_feature_info>.size
    for index in 0...mtlc_plan_feature_count(plan)
    where mtlc_plan_feature(plan, index, &feature) == Self.ok {
      let columns = UnsafeBufferPointer(start: feature.columns, count: feature.column_count)
      guard columns.allSatisfy({ $0 < mtlc_plan_column_count(plan) }) else {
        throw Fault(description: "a feature has a column that the plan has not")
      }
    }
    var task = mtlc_task_info()
    task.size = MemoryLayout<mtlc_task_info>.size
    let outputs = mtlc_plan_output_count(plan)
    for index in 0...mtlc_plan_task_count(plan)
    where mtlc_plan_task(plan, index, &task) == Self.ok {
      guard task.first_output + task.output_count <= outputs else {
        throw Fault(description: "a task has outputs that the plan has not")
      }
    }
    for index in 0..<outputs where mtlc_plan_output(plan, index) == nil {
      throw Fault(description: "an output has no name")
    }
  }

  /// Runs the body with room for the predictions of some rows, and looks at what is behind it.
  private func withRoom(
    _ plan: OpaquePointer?, rows: Int, _ test: inout Case,
    _ body: (UnsafeMutablePointer<Float>, Int) -> Int32
  ) throws {
    let (count, overflow) = mtlc_plan_output_count(plan).multipliedReportingOverflow(by: rows)
    guard !overflow, count <= Self.mostValues else { return }
    var values = [Float](repeating: Self.mark, count: count + 8)
    let code = values.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { body($0, count) } ?? Self.ok
    }
    guard values[count...].allSatisfy({ $0 == Self.mark }) else {
      throw Fault(description: "predictions are written beyond the room for them")
    }
    if code != Self.ok { try told(&test) }
  }

  /// Values of any type for each column.
  private func predictColumns(
    _ plan: OpaquePointer?, _ predictor: OpaquePointer?, _ test: inout Case
  ) throws {
    let rows = test.random.pick([0, 1, 3, 40])
    let numbers = [2, Double.nan, 1e300, -0.0]
    let integers: [Int64] = [.min, .max, 0, 3]
    let texts: [UnsafeMutablePointer<CChar>?] = ["rome", "", "30", "oslo|bern:2"]
      .map { (text: String) in strdup(text) }
    defer { for text in texts { free(text) } }
    let count = min(mtlc_plan_column_count(plan), 1 << 12)
    var given: [mtlc_column] = []
    // Freed with the arrays at the end of the call below.
    var owned: [UnsafeMutableRawPointer] = []
    defer { for memory in owned { memory.deallocate() } }
    func values<Value>(_ some: [Value]) -> UnsafeRawPointer {
      let memory = UnsafeMutablePointer<Value>.allocate(capacity: max(1, rows))
      for row in 0..<rows { (memory + row).initialize(to: some[row % some.count]) }
      owned.append(UnsafeMutableRawPointer(memory))
      return UnsafeRawPointer(memory)
    }
    for place in 0..<count {
      var column = mtlc_column()
      column.size = MemoryLayout<mtlc_column>.size
      column.column = place
      column.count = rows
      switch test.random.below(4) {
      case 0: (column.type, column.values) = (UInt32(MTLC_NUMBERS), values(numbers))
      case 1: (column.type, column.values) = (UInt32(MTLC_INTEGERS), values(integers))
      case 2: (column.type, column.values) = (UInt32(MTLC_TEXTS), values(texts))
      default: column.type = UInt32(MTLC_MISSING)
      }
      given.append(column)
    }
    if given.isEmpty { given.append(mtlc_column()) }
    try withRoom(plan, rows: rows, &test) { predictions, capacity in
      mtlc_predict_columns(predictor, given, count, rows, predictions, capacity)
    }
  }

  /// The most extreme ids and numbers that there are.
  private func predictFeeds(
    _ plan: OpaquePointer?, _ predictor: OpaquePointer?, _ test: inout Case
  ) throws {
    let rows = test.random.pick([0, 1, 3, 40])
    let extremes: [UInt32] = [0, 1, .max, 0x7FFF_FFFF, 0x8000_0000, 0x7F80_0000, 7]
    var given: [mtlc_feed] = []
    var owned: [UnsafeMutableRawPointer] = []
    defer { for memory in owned { memory.deallocate() } }
    for place in 0..<mtlc_plan_feed_count(plan) {
      var info = mtlc_feed_info()
      info.size = MemoryLayout<mtlc_feed_info>.size
      guard mtlc_plan_feed(plan, place, &info) == Self.ok else { return try told(&test) }
      let (count, overflow) = info.width.multipliedReportingOverflow(by: rows)
      guard !overflow, count <= Self.mostValues else { return }
      let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, count))
      for k in 0..<count { memory[k] = extremes[k % extremes.count] }
      owned.append(UnsafeMutableRawPointer(memory))
      given.append(
        mtlc_feed(
          size: MemoryLayout<mtlc_feed>.size, feed: place, values: UnsafeRawPointer(memory),
          count: count))
    }
    let count = given.count
    if given.isEmpty { given.append(mtlc_feed()) }
    try withRoom(plan, rows: rows, &test) { predictions, capacity in
      mtlc_predict_feeds(predictor, given, count, rows, predictions, capacity)
    }
  }

  /// The text of a file, whole or cut off.
  private func predictText(
    _ plan: OpaquePointer?, _ predictor: OpaquePointer?, _ test: inout Case
  ) throws {
    guard let file = FileManager.default.contents(atPath: rows) else {
      throw Fault(description: "\(rows) cannot be read")
    }
    let text = file.map { CChar(bitPattern: $0) }
    let size = test.random.isOne(in: 2) ? text.count : test.random.below(text.count + 1)
    let room = test.random.pick([0, 5, 200])
    try withRoom(plan, rows: room, &test) { predictions, capacity in
      var found = 0
      return mtlc_predict_text(predictor, text, size, predictions, capacity, &found)
    }
  }
}
