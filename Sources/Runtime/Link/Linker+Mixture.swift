import CKernels
import Plan

extension Linker {
  private struct Layout {
    var expertColumns: UnsafePointer<Int64>
    var gateSizes: UnsafePointer<Int64>
    var picks: UnsafePointer<Int64>
    var logitColumns: UnsafePointer<Int64>
    var outColumns: UnsafePointer<Int64>
  }

  /// Checks that every expert and gate lies inside the matrices, and stores the layout's arrays.
  private func arrange(
    _ layout: MixtureLayout, experts: Int, logits: Int, weights: Int?, output: Int
  ) throws(LinkError) -> Layout {
    func inside(_ column: Int, _ count: Int, _ columns: Int) -> Bool {
      column >= 0 && column <= columns && count <= columns - column
    }
    guard layout.width > 0 else { throw fault("experts \(layout.width) wide") }
    for (k, column) in layout.expertColumns.enumerated() {
      guard inside(column, layout.width, experts) else {
        throw fault("expert \(k): \(layout.width) columns from \(column) of \(experts)")
      }
    }
    for (k, gate) in layout.gates.enumerated() {
      guard Set(gate.experts).count == gate.experts.count, !gate.experts.isEmpty,
        gate.experts.allSatisfy(layout.expertColumns.indices.contains)
      else { throw fault("gate \(k): experts \(gate.experts)") }
      guard inside(gate.logitColumn, gate.experts.count, logits) else {
        throw fault("gate \(k): logits from column \(gate.logitColumn) of \(logits)")
      }
      guard inside(gate.column, layout.width, output) else {
        throw fault("gate \(k): results from column \(gate.column) of \(output)")
      }
    }
    if let weights, weights < layout.weightColumns {
      throw fault("\(weights) columns for \(layout.weightColumns) gate weights")
    }
    return Layout(
      expertColumns: UnsafePointer(store.make(layout.expertColumns.map { Int64($0) })),
      gateSizes: UnsafePointer(store.make(layout.gates.map { Int64($0.experts.count) })),
      picks: UnsafePointer(store.make(layout.gates.flatMap { $0.experts.map { Int64($0) } })),
      logitColumns: UnsafePointer(store.make(layout.gates.map { Int64($0.logitColumn) })),
      outColumns: UnsafePointer(store.make(layout.gates.map { Int64($0.column) })))
  }

  mutating func link(_ i: MixtureInstruction) throws(LinkError) {
    let experts = try matrix(i.experts, "experts")
    let logits = try matrix(i.logits, "logits")
    let output = try matrix(i.output, writes: true, "output")
    try check(experts.rows, output.rows, "experts, rows")
    try check(logits.rows, output.rows, "logits, rows")
    var args = mtlc_mixture_args()
    var weightColumns: Int?
    if let view = i.weights {
      let weights = try matrix(view, writes: true, "weights")
      try check(weights.rows, output.rows, "weights, rows")
      args.weights = weights.pointer
      args.ld_weights = Int64(weights.stride)
      weightColumns = weights.fixedColumns
    }
    let layout = try arrange(
      i.layout, experts: experts.fixedColumns, logits: logits.fixedColumns,
      weights: weightColumns, output: output.fixedColumns)
    args.width = Int64(i.layout.width)
    args.expert_count = Int64(i.layout.expertColumns.count)
    args.gate_count = Int64(i.layout.gates.count)
    args.expert_columns = layout.expertColumns
    args.gate_sizes = layout.gateSizes
    args.picks = layout.picks
    args.logit_columns = layout.logitColumns
    args.out_columns = layout.outColumns
    args.experts = UnsafePointer(experts.pointer)
    args.ld_experts = Int64(experts.stride)
    args.logits = UnsafePointer(logits.pointer)
    args.ld_logits = Int64(logits.stride)
    args.out = output.pointer
    args.ld_out = Int64(output.stride)
    let pointer = store.make(args)
    bind(pointer.pointer(to: \.rows), output.rows)
    add(.mixture, pointer)
  }

  mutating func link(_ i: MixtureGradientInstruction) throws(LinkError) {
    let experts = try matrix(i.experts, "experts")
    let weights = try matrix(i.weights, "weights")
    let cotangent = try matrix(i.cotangent, "cotangent")
    let dExperts = try matrix(i.expertCotangents, writes: true, "expert cotangents")
    let dLogits = try matrix(i.logitCotangents, writes: true, "logit cotangents")
    for (found, what) in [
      (weights, "weights"), (cotangent, "cotangent"), (dExperts, "expert cotangents"),
      (dLogits, "logit cotangents"),
    ] {
      try check(found.rows, experts.rows, "\(what), rows")
    }
    let layout = try arrange(
      i.layout, experts: min(experts.fixedColumns, dExperts.fixedColumns),
      logits: dLogits.fixedColumns, weights: weights.fixedColumns,
      output: cotangent.fixedColumns)
    var args = mtlc_mixture_gradient_args()
    args.width = Int64(i.layout.width)
    args.expert_count = Int64(i.layout.expertColumns.count)
    args.gate_count = Int64(i.layout.gates.count)
    args.expert_columns = layout.expertColumns
    args.gate_sizes = layout.gateSizes
    args.picks = layout.picks
    args.logit_columns = layout.logitColumns
    args.out_columns = layout.outColumns
    args.experts = UnsafePointer(experts.pointer)
    args.ld_experts = Int64(experts.stride)
    args.weights = UnsafePointer(weights.pointer)
    args.ld_weights = Int64(weights.stride)
    args.d_out = UnsafePointer(cotangent.pointer)
    args.ld_d_out = Int64(cotangent.stride)
    args.d_experts = dExperts.pointer
    args.ld_d_experts = Int64(dExperts.stride)
    args.d_logits = dLogits.pointer
    args.ld_d_logits = Int64(dLogits.stride)
    args.activation_gradient = i.gradientOf.kernelConstant
    let pointer = store.make(args)
    bind(pointer.pointer(to: \.rows), experts.rows)
    add(.mixtureGradient, pointer)
  }
}

extension KernelFamily where Arguments == mtlc_mixture_args {
  fileprivate static var mixture: Self {
    Self(tiles: { mtlc_mixture_tiles($0.typed()) }, run: { mtlc_mixture_run($0.typed(), $1, $2) })
  }
}

extension KernelFamily where Arguments == mtlc_mixture_gradient_args {
  fileprivate static var mixtureGradient: Self {
    Self(
      tiles: { mtlc_mixture_gradient_tiles($0.typed()) },
      run: { mtlc_mixture_gradient_run($0.typed(), $1, $2) })
  }
}
