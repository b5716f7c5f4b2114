import CKernels
import Plan

extension Linker {
  /// Checks that every expert and gate lies inside the matrices, and stores the layout.
  private func arrange(
    _ layout: MixtureLayout, in args: inout some MixtureArguments, experts: Int, logits: Int,
    weights: Int?, output: Int
  ) throws(LinkError) {
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
    args.width = Int64(layout.width)
    args.expert_count = Int64(layout.expertColumns.count)
    args.gate_count = Int64(layout.gates.count)
    args.expert_columns = store.numbers(layout.expertColumns)
    args.gate_sizes = store.numbers(layout.gates.map(\.experts.count))
    args.picks = store.numbers(layout.gates.flatMap(\.experts))
    args.logit_columns = store.numbers(layout.gates.map(\.logitColumn))
    args.out_columns = store.numbers(layout.gates.map(\.column))
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
      (args.weights, args.ld_weights) = weights.target
      weightColumns = weights.fixedColumns
    }
    try arrange(
      i.layout, in: &args, experts: experts.fixedColumns, logits: logits.fixedColumns,
      weights: weightColumns, output: output.fixedColumns)
    (args.experts, args.ld_experts) = experts.source
    (args.logits, args.ld_logits) = logits.source
    (args.out, args.ld_out) = output.target
    add(mixtureKernel, args, (\.rows, output.rows))
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
    var args = mtlc_mixture_gradient_args()
    try arrange(
      i.layout, in: &args, experts: min(experts.fixedColumns, dExperts.fixedColumns),
      logits: dLogits.fixedColumns, weights: weights.fixedColumns,
      output: cotangent.fixedColumns)
    (args.experts, args.ld_experts) = experts.source
    (args.weights, args.ld_weights) = weights.source
    (args.d_out, args.ld_d_out) = cotangent.source
    (args.d_experts, args.ld_d_experts) = dExperts.target
    (args.d_logits, args.ld_d_logits) = dLogits.target
    args.activation_gradient = i.gradientOf.kernelConstant
    add(mixtureGradientKernel, args, (\.rows, experts.rows))
  }
}

/// What a mixture and its gradient are told about experts and gates.
// swift-format-ignore: AlwaysUseLowerCamelCase
private protocol MixtureArguments {
  var width: Int64 { get set }
  var expert_count: Int64 { get set }
  var gate_count: Int64 { get set }
  var expert_columns: UnsafePointer<Int64>! { get set }
  var gate_sizes: UnsafePointer<Int64>! { get set }
  var picks: UnsafePointer<Int64>! { get set }
  var logit_columns: UnsafePointer<Int64>! { get set }
  var out_columns: UnsafePointer<Int64>! { get set }
}

extension mtlc_mixture_args: MixtureArguments {}
extension mtlc_mixture_gradient_args: MixtureArguments {}

private let mixtureKernel = KernelFamily<mtlc_mixture_args>(
  { mtlc_mixture_tiles($0.typed()) }, { mtlc_mixture_run($0.typed(), $1, $2) })
private let mixtureGradientKernel = KernelFamily<mtlc_mixture_gradient_args>(
  { mtlc_mixture_gradient_tiles($0.typed()) }, { mtlc_mixture_gradient_run($0.typed(), $1, $2) })
