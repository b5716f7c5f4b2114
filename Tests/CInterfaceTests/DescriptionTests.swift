import CMtlc
import Testing

/// What the functions tell of a plan.
@Suite struct DescriptionTests {
  let plan: CPlan
  let fixture: Fixture

  init() throws {
    fixture = try Fixture.shared.get()
    plan = try CPlan(fixture.planFile)
  }

  private func feature(_ name: String) throws -> (info: mtlc_feature_info, columns: [String]) {
    for k in 0..<mtlc_plan_feature_count(plan.plan) {
      var info = mtlc_feature_info()
      info.size = MemoryLayout<mtlc_feature_info>.size
      try CError.check(mtlc_plan_feature(plan.plan, k, &info))
      guard String(cString: info.name) == name else { continue }
      let columns = try (0..<info.column_count).map {
        String(cString: try column(info.columns[$0]).name)
      }
      return (info, columns)
    }
    throw CError(code: 0, message: "no feature \(name)")
  }

  private func column(_ place: Int) throws -> mtlc_column_info {
    var info = mtlc_column_info()
    info.size = MemoryLayout<mtlc_column_info>.size
    try CError.check(mtlc_plan_column(plan.plan, place, &info))
    return info
  }

  @Test func featuresAreOfTheirKinds() throws {
    #expect(String(cString: mtlc_plan_name(plan.plan)) == "all kinds")
    let kinds: [(String, Int, Int64, [String])] = [
      ("code", Int(MTLC_FEATURE_ID), 1, ["code"]),
      ("price", Int(MTLC_FEATURE_NUMBER), 1, ["price"]),
      ("visits", Int(MTLC_FEATURE_BUCKET), 1, ["visits"]),
      ("items", Int(MTLC_FEATURE_SEQUENCE), 4, ["items", "item_weights"]),
      ("city_by_member", Int(MTLC_FEATURE_CROSS), 1, ["city", "member"]),
      ("vector", Int(MTLC_FEATURE_VECTOR), 3, ["vector"]),
    ]
    for (name, kind, length, columns) in kinds {
      let found = try feature(name)
      #expect(found.info.kind == UInt32(kind), "\(name)")
      #expect(found.info.length == length, "\(name)")
      #expect(found.columns == columns, "\(name)")
    }
    #expect(try feature("code").info.cardinality == 8)
    #expect(try feature("price").info.cardinality == 0)
    #expect(try feature("tags").info.is_weighted == 1)
    #expect(try feature("history").info.is_weighted == 0)
  }

  @Test func columnsTellWhatTheyCanHold() throws {
    let texts = UInt32(MTLC_TEXTS)
    let integers = UInt32(MTLC_INTEGERS)
    let numbers = UInt32(MTLC_NUMBERS)
    let all: [(String, UInt32, UInt32)] = [
      ("city", texts | integers, 0), ("shelf", texts | integers | numbers, 0),
      ("age", texts | integers | numbers, 0), ("when", texts | integers, 0),
      ("stamp", texts | integers | numbers, 0), ("history", texts | integers, texts | integers),
      ("item_weights", texts | integers, integers | numbers), ("vector", texts, integers | numbers),
    ]
    for (name, types, lists) in all {
      let info = try column(plan.column(name))
      #expect(info.types == types, "\(name)")
      #expect(info.list_types == lists, "\(name)")
    }
    let names = try Set(
      (0..<mtlc_plan_column_count(plan.plan)).map { String(cString: try column($0).name) })
    #expect(names == Set(Fixture.columns + ["segment", "income"]))
  }

  @Test func tasksHaveTheirOutputs() throws {
    var found: [(String, UInt32, [String])] = []
    for k in 0..<mtlc_plan_task_count(plan.plan) {
      var info = mtlc_task_info()
      info.size = MemoryLayout<mtlc_task_info>.size
      try CError.check(mtlc_plan_task(plan.plan, k, &info))
      let outputs = (info.first_output..<info.first_output + info.output_count).map {
        String(cString: mtlc_plan_output(plan.plan, $0))
      }
      found.append((String(cString: info.name), info.kind, outputs))
    }
    #expect(found.map(\.0) == Fixture.labels)
    #expect(
      found.map(\.1) == [
        UInt32(MTLC_TASK_BINARY), UInt32(MTLC_TASK_CLASSES), UInt32(MTLC_TASK_REGRESSION),
      ])
    #expect(found.flatMap(\.2) == fixture.outputs)
    #expect(mtlc_plan_output_count(plan.plan) == fixture.outputs.count)
  }

  /// A caller of a later version has larger structs; one of this library fills what it knows.
  @Test func largerStructsAreFilledAsFarAsIsKnown() throws {
    let size = MemoryLayout<mtlc_feed_info>.size
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 2 * size, alignment: 8)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 7, count: 2 * size)
    let info = memory.assumingMemoryBound(to: mtlc_feed_info.self)
    info.pointee.size = 2 * size
    try CError.check(mtlc_plan_feed(plan.plan, 0, info))
    #expect(info.pointee.size == 2 * size && info.pointee.width > 0)
    #expect(memory.load(fromByteOffset: size, as: UInt8.self) == 7)
  }
}
