import Schema

/// Writes a plan as the bytes of a plan file. See docs/plan-format.md.
package struct PlanEncoder: Sendable {
  package init() {}

  package func encode(_ plan: Plan) -> [UInt8] {
    var writer = ByteWriter()
    write(plan, to: &writer)
    writer.fixed(Checksum.of(writer.bytes, count: writer.bytes.count))
    return writer.bytes
  }

  /// The bytes of a plan file without its blocks of floats (weights, optimizer states, the best weights, their
  /// average) and without the checksum: the blocks belong between the pieces.
  /// - Parameter plan: Of its blocks it matters alone whether they are there.
  package func encodeWithoutBlocks(_ plan: Plan) -> [[UInt8]] {
    var writer = ByteWriter(omittedFloats: plan.parameterFloats)
    write(plan, to: &writer)
    let cuts = [0] + writer.omissions + [writer.bytes.count]
    return zip(cuts, cuts.dropFirst()).map { Array(writer.bytes[$0..<$1]) }
  }

  /// All but the checksum.
  private func write(_ plan: Plan, to writer: inout ByteWriter) {
    for byte in PlanFormat.magic { writer.byte(byte) }
    writer.fixed(PlanFormat.version)
    writer.fixed(UInt64(0))
    for section in PlanFormat.Section.allCases where isPresent(section, in: plan) {
      writer.section(section.rawValue) { write(section, of: plan, to: &$0) }
    }
    writer.patch(UInt64(writer.length + PlanFormat.checksumBytes), at: PlanFormat.lengthPlace)
  }

  private func isPresent(_ section: PlanFormat.Section, in plan: Plan) -> Bool {
    switch section {
    case .model, .schema, .training, .parameters, .programs: true
    case .weights: plan.weights != nil
    case .progress: plan.progress != nil
    case .episodes: plan.episodes != nil
    case .initial: plan.initial != nil
    case .average: plan.training.weightsAverage != nil
    case .conflicts: !(plan.progress?.report.conflicts ?? []).isEmpty
    case .microBatches: plan.training.microBatches != MicroBatches()
    }
  }

  private func write(
    _ section: PlanFormat.Section, of plan: Plan, to writer: inout ByteWriter
  ) {
    switch section {
    case .model:
      writer.put(plan.name)
      writer.put(plan.specText)
      writer.put(plan.tasks)
    case .schema: writer.put(plan.schema)
    case .training: writer.put(plan.training)
    case .parameters:
      writer.put(plan.parameterFloats)
      writer.put(plan.parameters)
    case .programs: writer.put(plan.programs)
    case .weights: writer.block(plan.weights ?? [])
    case .progress:
      guard let progress = plan.progress else { return }
      writer.put(progress)
    case .episodes:
      if let episodes = plan.episodes { writer.put(episodes) }
    case .initial:
      if let initial = plan.initial { writer.put(initial) }
    case .conflicts: writer.put(plan.progress?.report.conflicts ?? [])
    case .average:
      guard let rule = plan.training.weightsAverage else { return }
      writer.put(rule)
      writer.put(plan.progress?.average)
    case .microBatches: writer.put(plan.training.microBatches.count)
    }
  }
}

extension Plan {
  /// The bytes of a plan file that decodes to this plan.
  package func encoded() -> [UInt8] { PlanEncoder().encode(self) }
}
