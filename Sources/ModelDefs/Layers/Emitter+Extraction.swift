import GraphIR

/// The sizes of a level of customised gate control.
struct ExtractionSizes: Sendable {
  var taskExperts: Int
  var sharedExperts: Int
  var experts: Experts
}

extension Emitter {
  /// One level of customised gate control: each task mixes its own experts with the shared ones;
  /// the shared part, where a level follows, mixes all.
  ///
  /// Parameters `<name>experts.<task>.<i>.…`, `<name>experts.shared.<i>.…`, `<name>gates.<task>.…`
  /// and `<name>gates.shared.…`.
  /// - Parameters:
  ///   - inputs: What each task's part reads, f32[B, n].
  ///   - shared: What the shared part reads, f32[B, m].
  ///   - mixesShared: Whether the shared part has a gate, and so a result.
  func extraction(
    _ inputs: [Tensor], shared: Tensor, tasks: [String], _ sizes: ExtractionSizes,
    mixesShared: Bool, name: String, _ style: LayerStyle
  ) throws -> (tasks: [Tensor], shared: Tensor?) {
    func experts(_ x: Tensor, _ owner: String, _ count: Int) throws -> [Tensor] {
      try self.experts(x, count, sizes.experts, name: "\(name)experts.\(owner)", style)
    }
    func mix(_ experts: [Tensor], _ x: Tensor, _ owner: String) throws -> Tensor {
      let weights = try gate(
        x, over: experts.count, hidden: sizes.experts.gateUnits, name: "\(name)gates.\(owner)",
        style)
      return try mixture(stack(experts), weights: weights)
    }
    let own = try zip(inputs, tasks).map { try experts($0, $1, sizes.taskExperts) }
    let common = try experts(shared, "shared", sizes.sharedExperts)
    let mixed = try inputs.indices.map { k in try mix(own[k] + common, inputs[k], tasks[k]) }
    let all = mixesShared ? try mix(own.flatMap { $0 } + common, shared, "shared") : nil
    return (mixed, all)
  }
}
