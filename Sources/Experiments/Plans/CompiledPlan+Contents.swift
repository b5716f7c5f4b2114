import Plan
import Schema

/// What a plan holds, beside the values of `plan` themselves.
extension CompiledPlan {
  public static let formatVersion = Int(PlanFormat.version)
  /// The oldest version that is read.
  public static let oldestFormatVersion = Int(PlanFormat.oldestVersion)

  /// The spec that the plan was compiled from, as canonical JSON.
  public var specText: String { plan.specText }
  /// The plan as text: its programs, instruction by instruction, with where everything lies.
  public var listing: String { plan.text }
  /// The bytes of its file.
  public var byteCount: Int { plan.encoded().count }
  public var weights: Int { plan.parameters.reduce(0) { $0 + $1.rows * $1.columns } }
  public var components: ComponentTree { ComponentTree(plan.parameters) }

  /// nil for an output without a label of its own.
  public func label(of task: TaskRecord) -> LabelSchema? {
    task.labelColumn.map { plan.schema.labels[$0] }
  }
}

extension Program {
  public var arenaBytes: Int { 4 * arenaFloats }

  /// What all buffers would need if none shared memory.
  public var intermediateBytes: Int {
    let floats = intermediateFloats
    return floats > .max / 4 ? .max : 4 * floats
  }

  /// Additions and multiplications of a run of `batchCapacity` rows.
  public var flops: Int {
    instructions.reduce(0) { sum, instruction in
      let (total, overflow) = sum.addingReportingOverflow(
        instruction.cost(rows: batchCapacity).flops)
      return overflow ? .max : total
    }
  }

  /// How often each kernel is called, the most frequent first.
  public var kernels: [(name: String, count: Int)] {
    Dictionary(grouping: instructions, by: \.name).map { (name: $0, count: $1.count) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }
}
