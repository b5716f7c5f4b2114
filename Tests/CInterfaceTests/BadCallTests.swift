import CMtlc
import Experiments
import Foundation
import Plan
import Testing

/// No call ends the process: each that is wrong gives a code, and a text that says what is wrong.
@Suite struct BadCallTests {
  let fixture: Fixture

  init() throws { fixture = try Fixture.shared.get() }

  private func expect(
    _ code: Int32, _ expected: Int, _ parts: String..., at place: SourceLocation = #_sourceLocation
  ) {
    #expect(code == Int32(expected), sourceLocation: place)
    let text = String(cString: mtlc_error())
    for part in parts {
      #expect(text.contains(part), "\(text)", sourceLocation: place)
    }
  }

  @Test func plansThatAreNone() throws {
    var plan: OpaquePointer?
    expect(mtlc_plan_open(nil, &plan), Int(MTLC_ERROR_ARGUMENT), "path is null")
    expect(mtlc_plan_open("\(fixture.folder)/none.bin", &plan), Int(MTLC_ERROR_PLAN), "none.bin")
    expect(mtlc_plan_open("\(fixture.folder)/test.csv", &plan), Int(MTLC_ERROR_PLAN), "test.csv")
    expect(mtlc_plan_open(fixture.folder, &plan), Int(MTLC_ERROR_PLAN), "directory")
    expect(mtlc_plan_open("-", &plan), Int(MTLC_ERROR_PLAN), "no such file")
    expect(mtlc_plan_open(fixture.planFile, nil), Int(MTLC_ERROR_ARGUMENT), "plan is null")
    expect(mtlc_plan_read(nil, 3, &plan), Int(MTLC_ERROR_ARGUMENT), "bytes is null")
    expect(mtlc_plan_read("abc", 0, &plan), Int(MTLC_ERROR_PLAN))
    expect(mtlc_plan_read("abc", -1, &plan), Int(MTLC_ERROR_ARGUMENT), "size")
    #expect(plan == nil)
    // What only compiles predicts nothing.
    let untrained = "\(fixture.folder)/untrained.bin"
    try Experiment(contentsOf: "\(fixture.folder)/spec.json5").compile().write(to: untrained)
    expect(mtlc_plan_open(untrained, &plan), Int(MTLC_ERROR_PLAN), "not trained")
    mtlc_plan_free(nil)
    mtlc_predictor_free(nil)
  }

  /// In C a name ends with a zero byte: one that holds one would be told as another, and not be found.
  @Test func namesWithZeroBytes() throws {
    let plan = try CompiledPlan(contentsOf: fixture.planFile).plan
    func read(_ change: (inout Plan) -> Void) -> Int32 {
      var changed = plan
      change(&changed)
      let bytes = changed.encoded()
      var handle: OpaquePointer?
      defer { mtlc_plan_free(handle) }
      return mtlc_plan_read(bytes, bytes.count, &handle)
    }
    #expect(read { _ in } == Int32(MTLC_OK))
    expect(read { $0.name = "a\0b" }, Int(MTLC_ERROR_PLAN), "zero byte")
    expect(read { $0.schema.features[0].column = "a\0b" }, Int(MTLC_ERROR_PLAN), "zero byte")
    expect(read { $0.schema.features[0].name += "\0" }, Int(MTLC_ERROR_PLAN), "zero byte")
  }

  /// Damaged anywhere, or cut off.
  @Test func damagedPlans() throws {
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: fixture.planFile)))
    var random = Xorshift(state: 3)
    for trial in 0..<300 {
      var damaged = bytes
      if trial % 3 == 0 {
        damaged.removeLast(1 + random.next(bytes.count))
      } else {
        damaged[random.next(bytes.count)] ^= UInt8(1 << random.next(8))
      }
      var plan: OpaquePointer?
      let code = mtlc_plan_read(damaged.isEmpty ? [0] : damaged, damaged.count, &plan)
      expect(code, Int(MTLC_ERROR_PLAN))
      #expect(plan == nil)
    }
    var plan: OpaquePointer?
    try CError.check(mtlc_plan_read(bytes, bytes.count, &plan))
    mtlc_plan_free(plan)
  }

  @Test func handlesThatAreNull() {
    var predictor: OpaquePointer?
    var floats: [Float] = [0]
    var count = 0
    expect(mtlc_predictor_create(nil, &predictor), Int(MTLC_ERROR_ARGUMENT), "plan is null")
    expect(
      mtlc_predict_columns(nil, [mtlc_column()], 1, 1, &floats, 1), Int(MTLC_ERROR_ARGUMENT),
      "predictor is null")
    expect(
      mtlc_predict_feeds(nil, [mtlc_feed()], 1, 1, &floats, 1), Int(MTLC_ERROR_ARGUMENT),
      "predictor is null")
    expect(
      mtlc_predict_text(nil, "a", 1, &floats, 1, &count), Int(MTLC_ERROR_ARGUMENT),
      "predictor is null")
    #expect(mtlc_plan_name(nil) == nil && mtlc_plan_output(nil, 0) == nil)
    #expect(mtlc_plan_column_count(nil) + mtlc_plan_feature_count(nil) == 0)
    #expect(
      mtlc_plan_task_count(nil) + mtlc_plan_output_count(nil) + mtlc_plan_feed_count(nil) == 0)
  }

  @Test func placesAndSizesThatThereAreNot() throws {
    let plan = try CPlan(fixture.planFile)
    var info = mtlc_column_info()
    expect(mtlc_plan_column(plan.plan, 0, &info), Int(MTLC_ERROR_ARGUMENT), "sizeof")
    info.size = MemoryLayout<mtlc_column_info>.size
    expect(mtlc_plan_column(plan.plan, 999, &info), Int(MTLC_ERROR_ARGUMENT), "999")
    expect(mtlc_plan_column(plan.plan, -1, &info), Int(MTLC_ERROR_ARGUMENT), "no column")
    expect(mtlc_plan_column(plan.plan, 0, nil), Int(MTLC_ERROR_ARGUMENT), "info is null")
    var column = 5
    expect(
      mtlc_plan_find_column(plan.plan, "citi", &column), Int(MTLC_ERROR_ARGUMENT), "citi",
      "did you mean \"city\"?")
    #expect(column == 5)
    #expect(mtlc_plan_output(plan.plan, 99) == nil)
  }

  /// A call with all columns, one of which a test changes.
  private func given(
    _ plan: CPlan, rows: Int = 2, but name: String? = nil, _ change: (GivenColumns, Int) -> Void
  ) throws -> GivenColumns {
    let given = GivenColumns()
    for other in Fixture.columns where other != name { given.missing(try plan.column(other)) }
    if let name { change(given, try plan.column(name)) }
    return given
  }

  private func expectRefused(
    _ name: String, _ code: Int, _ parts: String..., rows: Int = 2,
    at place: SourceLocation = #_sourceLocation, _ change: (GivenColumns, Int) -> Void
  ) throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let columns = try given(plan, rows: rows, but: name, change)
    let error = #expect(throws: CError.self, sourceLocation: place) {
      try predictor.predict(columns, rows: rows)
    }
    #expect(error?.code == code, "\(error?.message ?? "")", sourceLocation: place)
    for part in parts {
      #expect(
        error?.message.contains(part) == true, "\(error?.message ?? "")", sourceLocation: place)
    }
    // The predictor goes on.
    let sound = try given(plan, rows: rows) { _, _ in }
    #expect(try predictor.predict(sound, rows: rows).count == rows * plan.outputs)
  }

  @Test func columnsThatAreWrong() throws {
    let argument = Int(MTLC_ERROR_ARGUMENT)
    let data = Int(MTLC_ERROR_DATA)
    try expectRefused("city", data, "\"city\"", "not given") { _, _ in }
    try expectRefused("city", data, "given twice") { given, city in
      given.missing(city)
      given.missing(city)
    }
    try expectRefused("city", argument, "99") { given, _ in given.missing(99) }
    try expectRefused("city", argument, "\"city\" has 3 values") { given, city in
      given.texts(city, ["a", "b", "c"])
    }
    try expectRefused("city", argument, "type 3") { given, city in
      given.texts(city, ["a", "b"])
      given.change(given.columns.count - 1) { $0.type = 3 }
    }
    try expectRefused("city", argument, "sizeof") { given, city in
      given.missing(city)
      given.change(given.columns.count - 1) { $0.size = 8 }
    }
    try expectRefused("city", argument, "values is null") { given, city in
      given.texts(city, ["a", "b"])
      given.change(given.columns.count - 1) { $0.values = nil }
    }
    try expectRefused("age", argument, "aligned") { given, age in
      given.numbers(age, [1, 2])
      given.change(given.columns.count - 1) { $0.values = $0.values.map { $0 + 1 } }
    }
    try expectRefused("city", data, "negative") { given, city in
      given.texts(city, ["a", "b"])
      given.change(given.columns.count - 1) { column in
        column.lengths = UnsafePointer(bitPattern: UInt(bitPattern: column.lengths))
        UnsafeMutablePointer(mutating: column.lengths)?.pointee = -4
      }
    }
    try expectRefused("city", data, "\"city\"", "numbers", "texts or integers") { given, city in
      given.numbers(city, [1, 2])
    }
    try expectRefused("city", data, "lists of texts", "one text or integer a row") { given, city in
      given.texts(city, ["a", "b"], offsets: [0, 1, 2])
    }
    try expectRefused("age", data, "lists of numbers") { given, age in
      given.numbers(age, [1, 2], offsets: [0, 1, 2])
    }
    try expectRefused("history", data, "lists of texts or integers") { given, history in
      given.numbers(history, [1, 2], offsets: [0, 1, 2])
    }
    try expectRefused("history", data, "was given with weights") { given, history in
      given.texts(history, ["a", "b"], offsets: [0, 1, 2], weights: [1, 1])
    }
    try expectRefused("history", argument, "weights", "offsets is null") { given, history in
      given.texts(history, ["a", "b"], weights: [1, 1])
    }
    for offsets in [[0, 3, 2], [0, 1, 3], [-1, 0, 2], [2, 1, 2]] {
      try expectRefused("history", data, "do not rise") { given, history in
        given.texts(history, ["a", "b"], offsets: offsets)
      }
    }
    try expectRefused("user", data, "data.join") { given, user in given.numbers(user, [1, 2]) }
  }

  @Test func valuesThatAreWrong() throws {
    let data = Int(MTLC_ERROR_DATA)
    try expectRefused("age", data, "rows:2", "\"old\"", "\"age\"") { given, age in
      given.texts(age, ["30", "old"])
    }
    try expectRefused("age", data, "rows:2", "inf") { given, age in
      given.numbers(age, [30, .infinity])
    }
    try expectRefused("shelf", data, "rows:1", "2.5", "integer") { given, shelf in
      given.numbers(shelf, [2.5, 1])
    }
    try expectRefused("shelf", data, "rows:2", "\"two\"") { given, shelf in
      given.texts(shelf, ["1", "two"])
    }
    try expectRefused("when", data, "rows:1", "soon") { given, when in
      given.texts(when, ["soon", "2024-01-01"])
    }
    try expectRefused("when", data, "numbers") { given, when in given.numbers(when, [1, 2]) }
    try expectRefused("stamp", data, "rows:2", "no date") { given, stamp in
      given.numbers(stamp, [1, 1e300])
    }
    try expectRefused("vector", data, "rows:2", "2 numbers", "needs 3") { given, vector in
      given.numbers(vector, [1, 2, 3, 4, 5], offsets: [0, 3, 5])
    }
    try expectRefused("vector", data, "rows:1", "nan") { given, vector in
      given.numbers(vector, [1, .nan, 3, 4, 5, 6], offsets: [0, 3, 6])
    }
    try expectRefused("tags", data, "rows:2", "weight") { given, tags in
      given.texts(tags, ["a", "b"], offsets: [0, 1, 2], weights: [1, .infinity])
    }
    try expectRefused("items", data, "rows:1", "integer id") { given, items in
      given.texts(items, ["one", "2"], offsets: [0, 1, 2])
    }
  }

  @Test func weightsThatAreNotThoseOfTheIds() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let given = GivenColumns()
    for name in Fixture.columns where name != "items" && name != "item_weights" {
      given.missing(try plan.column(name))
    }
    given.integers(try plan.column("items"), [1, 2, 3], offsets: [0, 1, 3])
    given.numbers(try plan.column("item_weights"), [1, 2], offsets: [0, 1, 2])
    let error = #expect(throws: CError.self) { try predictor.predict(given, rows: 2) }
    #expect(error?.message.contains("1 weights for 2 ids") == true, "\(error?.message ?? "")")
  }

  /// Texts that are not UTF-8 are told.
  @Test func textsThatAreNoText() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let bytes: [CChar] = [-1, -2]
    for name in ["city", "code", "history"] {
      let columns = try given(plan, rows: 1, but: name) { given, _ in
        given.texts((try? plan.column(name)) ?? 0, ["ab"])
      }
      bytes.withUnsafeBufferPointer { bytes in
        withUnsafePointer(to: bytes.baseAddress) { text in
          columns.change(columns.columns.count - 1) { $0.values = UnsafeRawPointer(text) }
          let error = #expect(throws: CError.self) { try predictor.predict(columns, rows: 1) }
          #expect(error?.message.contains("UTF-8") == true, "\(error?.message ?? "")")
          #expect(error?.code == Int(MTLC_ERROR_DATA))
        }
      }
    }
  }

  @Test func roomThatIsTooSmall() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let columns = try given(plan) { _, _ in }
    var floats = [Float](repeating: 0, count: 2 * plan.outputs)
    func call(_ rows: Int, _ capacity: Int, count: Int? = nil) -> Int32 {
      mtlc_predict_columns(
        predictor.predictor, columns.columns, count ?? columns.columns.count, rows, &floats,
        capacity)
    }
    let argument = Int(MTLC_ERROR_ARGUMENT)
    expect(call(2, 2 * plan.outputs - 1), argument, "has room for")
    expect(call(-1, 1000), argument, "rows")
    expect(call(.max, .max), argument, "rows")
    expect(call(2, 2 * plan.outputs, count: 1 << 40), argument, "column_count")
    expect(call(2, 2 * plan.outputs, count: 0), Int(MTLC_ERROR_DATA), "not given")
    expect(
      mtlc_predict_columns(predictor.predictor, nil, 0, 2, &floats, floats.count), argument,
      "columns is null")
    expect(
      mtlc_predict_columns(predictor.predictor, columns.columns, columns.columns.count, 2, nil, 99),
      argument, "predictions is null")
    try CError.check(call(0, 0))
    try CError.check(call(2, 2 * plan.outputs))
  }

  @Test func textThatIsNoTable() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    for (text, part) in [
      ("", "empty"), ("city\nrome\n", "no column"), ("\u{0}\u{1}", "text"),
      (fixture.table + "\"a\n", "text:"),
    ] {
      let error = #expect(throws: CError.self) {
        try predictor.predict(text: text, rows: fixture.rows.count)
      }
      #expect(error?.code == Int(MTLC_ERROR_DATA))
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
  }
}
