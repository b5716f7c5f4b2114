import Plan

/// What an instruction computes and moves in one run, counted from its shapes: additions and
/// multiplications as executed, and the bytes of its operands and results, each once.
public struct InstructionCost: Sendable, Hashable {
  public private(set) var flops: Double = 0
  public private(set) var bytes: Double = 0

  /// A rough time on one core, used to share the work of a level between threads.
  var nanoseconds: Double { 30 + max(flops / 60, bytes / 16) }

  public init(_ instruction: Instruction, in program: Program, rows: Int) {
    func size(_ extent: Extent) -> Double { Double(extent.size(rows: rows)) }
    func count(_ extents: [Extent]) -> Double { extents.reduce(1) { $0 * size($1) } }
    func count(_ view: View?) -> Double {
      guard let view else { return 0 }
      return zip(view.extents, view.strides).reduce(1) { $1.1 == 0 ? $0 : $0 * size($1.0) }
    }
    func move(_ views: View?...) { bytes += 4 * views.reduce(0) { $0 + count($1) } }

    switch instruction {
    case .matmul(let i):
      let outer = i.a.extents.suffix(2).map(size)
      let inner = i.b.extents.suffix(2).map(size)
      let depth = i.transposeA ? outer.first ?? 1 : outer.last ?? 1
      let m = outer.count < 2 ? 1 : i.transposeA ? outer[1] : outer[0]
      let n = inner.count < 2 ? inner.last ?? 1 : i.transposeB ? inner[0] : inner[1]
      let results = Double(i.groups) * m * n
      flops = 2 * results * depth
      if i.columnSums != nil || i.columnUpdate != nil { flops += Double(i.groups) * depth * n }
      if i.activation != nil || i.gradientOf != nil { flops += results }
      if i.update != nil {
        flops += 10 * results
        bytes += 4 * 5 * results
      }
      move(i.a, i.b, i.c, i.bias, i.y, i.columnSums)
      if i.accumulate { move(i.c) }
    case .elementwise(let i):
      var each = 0.0
      for step in i.steps { each += Self.flops(step.operation) }
      flops = each * count(i.extents)
      for view in i.operands { move(view) }
    case .reduce(let i):
      flops = count(i.input)
      move(i.input, i.output)
    case .softmax(let i):
      flops = (i.cotangent == nil ? 12 : 4) * count(i.input)
      move(i.input, i.cotangent, i.output)
    case .gather(let i), .scatterAdd(let i):
      for feature in i.features {
        let reads = count(feature.ids) * size(feature.table.extents.last ?? .fixed(1))
        flops += reads
        bytes += 4 * reads
        move(feature.ids)
      }
      move(i.matrix)
      if case .scatterAdd = instruction { bytes += 4 * flops }
    case .oneHot(let i):
      flops = count(i.output)
      move(i.ids, i.output)
    case .oneHotLinear(let i), .oneHotGradient(let i):
      let rowsRead = count(i.matrix) * Double(i.features.count)
      flops = rowsRead
      bytes = 4 * rowsRead
      move(i.matrix)
      if case .oneHotGradient = instruction { bytes += 4 * rowsRead }
    case .mixture(let i):
      let mixed = Double(i.layout.weightColumns) * size(i.output.extents.first ?? .fixed(1))
      flops = mixed * (2 * Double(i.layout.width) + 12)
      move(i.experts, i.logits, i.weights, i.output)
    case .mixtureGradient(let i):
      let mixed = Double(i.layout.weightColumns) * size(i.experts.extents.first ?? .fixed(1))
      flops = mixed * (4 * Double(i.layout.width) + 4)
      move(i.experts, i.weights, i.cotangent, i.expertCotangents, i.logitCotangents)
    case .random(let i):
      flops = 20 * count(i.output)
      move(i.output)
    case .fill(let view, _), .batchSize(let view):
      move(view)
    case .optimizer(let i):
      for segment in i.segments {
        flops += 12 * Double(segment.count)
        bytes += 4 * 7 * Double(segment.count)
      }
    }
  }

  /// Arithmetic an element, transcendental functions at about what their polynomials cost.
  private static func flops(_ operation: ElementwiseInstruction.Operation) -> Double {
    switch operation {
    case .load, .store, .constant: 0
    case .neg, .abs, .sign, .square, .relu, .step, .not, .isNonnegative, .add, .sub, .mul, .max,
      .min, .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .select, .addConstant,
      .mulConstant, .maxConstant, .minConstant, .subtractFromConstant, .sumAll, .maxAll,
      .sumColumns, .maxColumns, .sumInner, .maxInner:
      1
    case .fma: 2
    case .div, .sqrt, .rsqrt, .reciprocal: 4
    case .exp, .log, .log1p, .sigmoid, .tanh, .softplus: 20
    }
  }
}
