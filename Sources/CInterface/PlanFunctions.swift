import CMtlc
import Experiments
import Schema

// The functions of mtlc.h about plans; what they do is written there.

@_cdecl("mtlc_version")
public func version() -> UInt32 { UInt32(MTLC_VERSION_MAJOR) << 16 | UInt32(MTLC_VERSION_MINOR) }

@_cdecl("mtlc_error")
public func lastError() -> UnsafePointer<CChar>? { LastError.text }

@_cdecl("mtlc_plan_open")
public func planOpen(
  _ path: UnsafePointer<CChar>?, _ plan: UnsafeMutablePointer<OpaquePointer?>?
) -> CInt {
  LastError.code { () throws(ExperimentError) in
    let target = try Arguments.require(plan, "plan")
    let path = String(cString: try Arguments.require(path, "path"))
    // To the command `-` is standard input, which a library does not read.
    let file = path == "-" ? "./-" : path
    target.pointee = Arguments.handle(try PlanHandle(CompiledPlan(contentsOf: file)))
  }
}

@_cdecl("mtlc_plan_read")
public func planRead(
  _ bytes: UnsafeRawPointer?, _ size: Int, _ plan: UnsafeMutablePointer<OpaquePointer?>?
) -> CInt {
  LastError.code { () throws(ExperimentError) in
    let target = try Arguments.require(plan, "plan")
    guard size >= 0 else { throw Arguments.error("size is \(UInt(bitPattern: size))") }
    let bytes = try Arguments.values(bytes, as: UInt8.self, "bytes")
    let compiled = try CompiledPlan(bytes: UnsafeRawBufferPointer(start: bytes, count: size))
    target.pointee = Arguments.handle(try PlanHandle(compiled))
  }
}

@_cdecl("mtlc_plan_free")
public func planFree(_ plan: OpaquePointer?) {
  guard let plan else { return }
  Unmanaged<PlanHandle>.fromOpaque(UnsafeRawPointer(plan)).release()
}

/// The plan behind a handle; nil for null.
private func handle(_ plan: OpaquePointer?) -> PlanHandle? { try? Arguments.object(plan, "plan") }

/// Copies what one of a plan's parts is to where the caller wants it.
private func describe<Info: SizedStruct>(
  _ plan: OpaquePointer?, _ place: Int, of parts: KeyPath<PlanHandle, [Info]>,
  to info: UnsafeMutablePointer<Info>?, _ what: String
) -> CInt {
  LastError.code { () throws(ExperimentError) in
    let handle: PlanHandle = try Arguments.object(plan, "plan")
    try Info.copy(place, of: handle[keyPath: parts], to: info, what)
  }
}

@_cdecl("mtlc_plan_name")
public func planName(_ plan: OpaquePointer?) -> UnsafePointer<CChar>? {
  handle(plan).flatMap { UnsafePointer($0.name) }
}

@_cdecl("mtlc_plan_column_count")
public func planColumnCount(_ plan: OpaquePointer?) -> Int { handle(plan)?.columns.count ?? 0 }

@_cdecl("mtlc_plan_column")
public func planColumn(
  _ plan: OpaquePointer?, _ column: Int, _ info: UnsafeMutablePointer<mtlc_column_info>?
) -> CInt {
  describe(plan, column, of: \.columns, to: info, "column")
}

@_cdecl("mtlc_plan_find_column")
public func planFindColumn(
  _ plan: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ column: UnsafeMutablePointer<Int>?
) -> CInt {
  LastError.code { () throws(ExperimentError) in
    let handle: PlanHandle = try Arguments.object(plan, "plan")
    let name = String(cString: try Arguments.require(name, "name"))
    let target = try Arguments.require(column, "column")
    let columns = handle.serving.columns
    guard let place = columns.firstIndex(of: name) else {
      throw ExperimentError(
        .argument, "the plan reads no column \"\(name)\"",
        hint: NearestName.nearest(name, in: columns).map { "did you mean \"\($0)\"?" })
    }
    target.pointee = place
  }
}

@_cdecl("mtlc_plan_feature_count")
public func planFeatureCount(_ plan: OpaquePointer?) -> Int { handle(plan)?.features.count ?? 0 }

@_cdecl("mtlc_plan_feature")
public func planFeature(
  _ plan: OpaquePointer?, _ feature: Int, _ info: UnsafeMutablePointer<mtlc_feature_info>?
) -> CInt {
  describe(plan, feature, of: \.features, to: info, "feature")
}

@_cdecl("mtlc_plan_task_count")
public func planTaskCount(_ plan: OpaquePointer?) -> Int { handle(plan)?.tasks.count ?? 0 }

@_cdecl("mtlc_plan_task")
public func planTask(
  _ plan: OpaquePointer?, _ task: Int, _ info: UnsafeMutablePointer<mtlc_task_info>?
) -> CInt {
  describe(plan, task, of: \.tasks, to: info, "task")
}

@_cdecl("mtlc_plan_output_count")
public func planOutputCount(_ plan: OpaquePointer?) -> Int { handle(plan)?.outputs.count ?? 0 }

@_cdecl("mtlc_plan_output")
public func planOutput(_ plan: OpaquePointer?, _ output: Int) -> UnsafePointer<CChar>? {
  guard let handle = handle(plan), handle.outputs.indices.contains(output) else { return nil }
  return handle.outputs[output]
}

@_cdecl("mtlc_plan_feed_count")
public func planFeedCount(_ plan: OpaquePointer?) -> Int { handle(plan)?.feeds.count ?? 0 }

@_cdecl("mtlc_plan_feed")
public func planFeed(
  _ plan: OpaquePointer?, _ feed: Int, _ info: UnsafeMutablePointer<mtlc_feed_info>?
) -> CInt {
  describe(plan, feed, of: \.feeds, to: info, "feed")
}
