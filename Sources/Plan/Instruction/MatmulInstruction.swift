import Schema

/// C = epilogue(op(A)·op(B)) for each of `groups` products. Views are matrices, or rank 3 with the
/// group as the first axis.
package struct MatmulInstruction: Sendable, Hashable {
  package enum Activation: UInt8, Sendable, Hashable, CaseIterable {
    case relu = 1
    case sigmoid
    case tanh
  }

  package var a: View
  package var b: View
  /// nil when the product is only an optimizer's gradient, or only crossed.
  package var c: View?
  package var groups: Int
  package var transposeA: Bool
  package var transposeB: Bool
  /// Adds to what C holds.
  package var accumulate: Bool
  /// [n] (or [groups, n]).
  package var bias: View?
  package var activation: Activation?
  /// The result is multiplied by this activation's derivative at its output `y`.
  package var gradientOf: Activation?
  package var y: View?
  /// The columns that activation and gradient factor apply to; nil means all.
  package var activationColumns: Range<Int>?
  /// [n]: receives the column sums of op(B), the bias gradient beside a weight gradient.
  package var columnSums: View?
  /// Applies the optimizer to this parameter view (a matrix [m, n] of the parameter block) with
  /// the product as its gradient, instead of storing C.
  package var update: FusedUpdate?
  /// The same for the column sums and a bias parameter.
  package var columnUpdate: FusedUpdate?
  /// A matrix that is added to the product, before bias and activation; with groups [groups, m, n].
  package var addend: View?
  /// What else becomes of the result; of one product that is no optimizer's gradient.
  package var cross: Cross?

  package struct FusedUpdate: Sendable, Hashable {
    package var parameter: View
    package var l2: Float

    package init(parameter: View, l2: Float) {
      self.parameter = parameter
      self.l2 = l2
    }
  }

  /// output = C ⊙ factor + residual, matrices [m, n], whether C itself is stored or not.
  package struct Cross: Sendable, Hashable {
    package var factor: View
    package var residual: View?
    package var output: View

    package init(factor: View, residual: View?, output: View) {
      self.factor = factor
      self.residual = residual
      self.output = output
    }
  }

  package init(
    a: View, b: View, c: View?, groups: Int = 1, transposeA: Bool = false,
    transposeB: Bool = false, accumulate: Bool = false, bias: View? = nil,
    activation: Activation? = nil, gradientOf: Activation? = nil, y: View? = nil,
    activationColumns: Range<Int>? = nil, columnSums: View? = nil, update: FusedUpdate? = nil,
    columnUpdate: FusedUpdate? = nil, addend: View? = nil, cross: Cross? = nil
  ) {
    self.a = a
    self.b = b
    self.c = c
    self.groups = groups
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.accumulate = accumulate
    self.bias = bias
    self.activation = activation
    self.gradientOf = gradientOf
    self.y = y
    self.activationColumns = activationColumns
    self.columnSums = columnSums
    self.update = update
    self.columnUpdate = columnUpdate
    self.addend = addend
    self.cross = cross
  }
}

extension MatmulInstruction: InstructionBody {
  static let code: UInt8 = 0
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.a, \.b, \.c, \.groups, \.transposeA, \.transposeB, \.accumulate, \.bias,
    \.activation, \.gradientOf, \.y, \.activationColumns, \.columnSums, \.update,
    \.columnUpdate, \.addend, \.cross)
  var instruction: Instruction { .matmul(self) }
  var name: String { update == nil ? "matmul" : "matmul+update" }
  var detail: String {
    var text = groups > 1 ? " ×\(groups)" : ""
    if transposeA { text += " aᵀ" }
    if transposeB { text += " bᵀ" }
    if accumulate { text += " +=" }
    if addend != nil { text += " +addend" }
    if bias != nil { text += " +bias" }
    if let activation { text += " \(activation)" }
    if let gradientOf { text += " ⊙\(gradientOf)′" }
    if let activationColumns { text += " on \(activationColumns)" }
    if let cross {
      text += " crossed" + (c == nil ? "" : " beside") + (cross.residual == nil ? "" : " +residual")
    }
    for (name, update) in [("l2", update), ("bias l2", columnUpdate)] {
      if let update, update.l2 != 0 { text += " \(name) \(update.l2)" }
    }
    return text
  }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&a, .read("a"))
    walk(&b, .read("b"))
    walk(&addend, .read("addend", sharing: .inPlace))
    walk(&bias, .read("bias"))
    walk(&y, .read("y", sharing: .inPlace))
    // An element of each is read before the results are written there.
    if var fused = cross {
      walk(&fused.factor, .read("factor", sharing: .inPlace))
      walk(&fused.residual, .read("residual", sharing: .inPlace))
      walk(&fused.output, .write("crossed", sharing: .inPlace))
      cross = fused
    }
    walk(
      &c, accumulate ? .readWrite("c", sharing: .inPlace) : .write("c", sharing: .inPlace))
    walk(&columnSums, .write("column sums"))
    if var fused = update {
      walk(&fused.parameter, .update("parameter"))
      update = fused
    }
    if var fused = columnUpdate {
      walk(&fused.parameter, .update("bias parameter"))
      columnUpdate = fused
    }
  }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    func last(_ extents: [Extent]) -> Int { extents.last?.size(rows: rows) ?? 0 }
    let depth = last(transposeA ? a.extents.dropLast() : a.extents)
    let width = last(transposeB ? b.extents.dropLast() : b.extents)
    let height = last(transposeA ? a.extents : a.extents.dropLast())
    let results = height.times(width)
    // An optimizer in the epilogue touches two states beside the parameter.
    return InstructionCost(
      flops: results.times(depth.times(groups.times(2))),
      elements: elements.plus(update == nil ? 0 : results.times(2)))
  }

  func validate(_ check: inout ProgramValidator) {
    guard groups >= 1 else { return check.report("\(groups) products") }
    guard let a = check.matrix(a, of: groups, "a"), let b = check.matrix(b, of: groups, "b") else {
      return
    }
    let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (inner, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
    if k != inner { check.report("a has inner size \(k), b \(inner)") }
    for (view, role) in [
      (c, "c"), (y, "y"), (addend, "addend"), (update?.parameter, "parameter"),
      (cross?.factor, "factor"), (cross?.residual, "residual"), (cross?.output, "crossed"),
    ] {
      guard let view, check.matrix(view, of: groups, role) != nil else { continue }
      check.expect(
        view.extents, view.extents.count == 3 ? [.fixed(groups), m, n] : [m, n], role)
    }
    for (view, role) in [
      (bias, "bias"), (columnSums, "column sums"), (columnUpdate?.parameter, "bias parameter"),
    ] {
      if let view { check.expectVector(view, of: groups, columns: n, role) }
    }
    for update in [update, columnUpdate] {
      if let update { check.expectFactor(update.l2, "parameter") }
    }
    if c == nil, accumulate || update == nil && cross == nil { check.report("it stores nothing") }
    if accumulate, addend != nil { check.report("it adds to c and has an addend") }
    if cross != nil, groups > 1 || update != nil {
      check.report("a cross of several products or of a parameter's gradient")
    }
    if gradientOf != nil, y == nil { check.report("a gradient factor without y") }
    check.expectColumns(activationColumns, in: n)
  }
}

extension MatmulInstruction.Activation: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (1, .relu), (2, .sigmoid), (3, .tanh),
  ]
}

extension MatmulInstruction.FusedUpdate: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.parameter, \.l2)
}

extension MatmulInstruction.Cross: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.factor, \.residual, \.output)
}

extension ProgramValidator {
  /// Rows and columns of one of the products of a group.
  fileprivate mutating func matrix(
    _ view: View, of groups: Int, _ role: String
  ) -> (rows: Extent, columns: Extent)? {
    switch view.extents.count {
    case 2 where groups == 1: return matrix(view, role)
    case 3 where view.extents[0] == .fixed(groups) && view.strides.count == 3:
      expectDenseRows(view, role)
      return (view.extents[1], view.extents[2])
    default:
      report("\(role): [\(text(view.extents))] is no matrix for each of \(groups) products")
      return nil
    }
  }

  fileprivate mutating func expectVector(
    _ view: View, of groups: Int, columns: Extent, _ role: String
  ) {
    expectDenseRows(view, role)
    if view.extents.count == 2 {
      expect(view.extents, [.fixed(groups), columns], role)
    } else if groups == 1 {
      expect(view.extents, [columns], role)
    } else {
      report("\(role): [\(text(view.extents))] for \(groups) products")
    }
  }
}
