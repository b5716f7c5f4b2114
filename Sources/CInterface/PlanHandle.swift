import CMtlc
import Experiments
import Schema

/// What a `mtlc_plan` is: a plan, and what its functions tell of it, in memory that C can read.
final class PlanHandle: @unchecked Sendable {
  let serving: ServingPlan
  let name: UnsafeMutablePointer<CChar>?
  private(set) var columns: [mtlc_column_info] = []
  private(set) var features: [mtlc_feature_info] = []
  private(set) var tasks: [mtlc_task_info] = []
  private(set) var outputs: [UnsafePointer<CChar>?] = []
  private(set) var feeds: [mtlc_feed_info] = []
  /// What is freed with the plan.
  private var owned: [UnsafeMutableRawPointer?] = []
  /// A name that C would take for a shorter one; nil where there is none.
  private var cutName: String?

  /// - Throws: A plan error for a plan that predicts nothing, or with a name that C cannot hold.
  init(_ plan: CompiledPlan) throws(ExperimentError) {
    serving = try ServingPlan(plan)
    name = strdup(plan.plan.name)
    owned.append(name)
    note(plan.plan.name)
    describeColumns()
    describeFeatures()
    describeOutputs()
    for feed in serving.feeds {
      var info = mtlc_feed_info()
      info.size = MemoryLayout<mtlc_feed_info>.size
      info.name = text(feed.name)
      info.width = feed.width
      info.is_integer = feed.isInteger ? 1 : 0
      feeds.append(info)
    }
    if let cutName {
      throw ExperimentError(
        .plan,
        "the name \(MessageText.printable(cutName).debugDescription) holds a zero byte, which ends"
          + " a name in C", hint: "give it another name in the spec")
    }
  }

  deinit {
    for memory in owned { free(memory) }
  }

  private func note(_ string: String) {
    if string.utf8.contains(0) { cutName = cutName ?? string }
  }

  private func text(_ string: String) -> UnsafePointer<CChar>? {
    note(string)
    let copy = strdup(string)
    owned.append(copy)
    return UnsafePointer(copy)
  }

  private func describeColumns() {
    for (name, accepted) in zip(serving.columns, serving.accepted) {
      var info = mtlc_column_info()
      info.size = MemoryLayout<mtlc_column_info>.size
      info.name = text(name)
      info.types = accepted.cells.rawValue
      info.list_types = accepted.lists.rawValue
      info.is_optional = serving.plan.schema.joins.isEmpty ? 0 : 1
      columns.append(info)
    }
  }

  private func describeFeatures() {
    for feature in serving.plan.schema.features {
      var info = mtlc_feature_info()
      info.size = MemoryLayout<mtlc_feature_info>.size
      info.name = text(feature.name)
      info.cardinality = Int64(feature.cardinality ?? 0)
      info.length = 1
      var columns = [feature.column]
      switch feature.encoder {
      case .id: info.kind = UInt32(MTLC_FEATURE_ID)
      case .numeric: info.kind = UInt32(MTLC_FEATURE_NUMBER)
      case .bucketized: info.kind = UInt32(MTLC_FEATURE_BUCKET)
      case .sequence(_, let layout):
        info.kind = UInt32(MTLC_FEATURE_SEQUENCE)
        info.length = Int64(layout.maxLength)
        info.is_weighted = layout.weighted ? 1 : 0
        if let weights = layout.weightsColumn { columns.append(weights) }
      case .cross(let crossed, _):
        info.kind = UInt32(MTLC_FEATURE_CROSS)
        columns = crossed
      case .vector(let layout):
        info.kind = UInt32(MTLC_FEATURE_VECTOR)
        info.length = Int64(layout.dim)
      }
      let places = UnsafeMutablePointer<Int>.allocate(columns: columns.count)
      for (k, column) in columns.enumerated() {
        (places + k).initialize(to: serving.columns.firstIndex(of: column) ?? 0)
      }
      owned.append(places)
      info.columns = UnsafePointer(places)
      info.column_count = columns.count
      features.append(info)
    }
  }

  private func describeOutputs() {
    outputs = serving.outputs.map(text)
    var first = 0
    for task in serving.plan.tasks {
      var info = mtlc_task_info()
      info.size = MemoryLayout<mtlc_task_info>.size
      info.name = text(task.name)
      info.kind =
        switch task.kind {
        case .binary: UInt32(MTLC_TASK_BINARY)
        case .regression: UInt32(MTLC_TASK_REGRESSION)
        case .multiclass: UInt32(MTLC_TASK_CLASSES)
        }
      info.first_output = first
      info.output_count = task.width
      first += task.width
      tasks.append(info)
    }
  }
}

extension UnsafeMutablePointer<Int> {
  /// Memory that `free` frees.
  fileprivate static func allocate(columns: Int) -> UnsafeMutablePointer<Int> {
    guard let memory = calloc(max(1, columns), MemoryLayout<Int>.stride) else {
      return .allocate(capacity: columns)
    }
    return memory.bindMemory(to: Int.self, capacity: columns)
  }
}

/// A struct that begins with its size, as the caller knows it.
protocol SizedStruct {
  var size: Int { get set }
}

extension mtlc_column_info: SizedStruct {}
extension mtlc_feature_info: SizedStruct {}
extension mtlc_task_info: SizedStruct {}
extension mtlc_feed_info: SizedStruct {}

extension SizedStruct {
  /// Copies one of `all` to where the caller wants it, as much as there is room for.
  static func copy(
    _ place: Int, of all: [Self], to info: UnsafeMutablePointer<Self>?, _ what: String
  ) throws(ExperimentError) {
    let target = try Arguments.require(info, "info")
    guard all.indices.contains(place) else {
      throw Arguments.error(
        "there is no \(what) \(UInt(bitPattern: place)): the plan has \(all.count)")
    }
    // All fields of the first version are wanted.
    let size = target.pointee.size
    guard size >= MemoryLayout<Self>.size else {
      throw Arguments.error("info.size is \(UInt(bitPattern: size)): set it to sizeof *info")
    }
    target.pointee = all[place]
    target.pointee.size = size
  }
}
