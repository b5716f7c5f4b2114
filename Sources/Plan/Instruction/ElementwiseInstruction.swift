import Schema
import TensorTypes

/// A chain of elementwise operations as one loop over `extents`: a little program over virtual
/// registers that loads from strided views, computes and stores. Views have the rank of `extents`;
/// stride 0 broadcasts.
package struct ElementwiseInstruction: Sendable, Hashable {
  package enum Operation: Sendable, Hashable {
    /// r = operand[a]
    case load
    /// operand[b] = x
    case store
    /// r = immediate
    case constant
    /// r = f(x)
    case function(UnaryFunction)
    case isNonnegative
    case add, sub, mul, div, max, min, equal, notEqual, less, lessEqual, greater, greaterEqual
    /// r = x ? y : z
    case select
    /// operand[b][0] = Σ or max of register a over everything.
    case sumAll, maxAll
    /// operand[b][column] = Σ or max over all rows (the last axis counts columns).
    case sumColumns, maxColumns
    /// operand[b] at the outer indices = Σ or max over the last axis.
    case sumInner, maxInner
    /// r = x op immediate (the last: immediate − x).
    case addConstant, mulConstant, maxConstant, minConstant, subtractFromConstant
  }

  /// One step: `destination`, `a`, `b`, `c` are registers, but for load (a is an operand) and for
  /// stores and reductions (a is a register, b an operand).
  package struct Step: Sendable, Hashable {
    package var operation: Operation
    package var destination: Int
    package var a: Int
    package var b: Int
    package var c: Int
    package var immediate: Float

    package init(
      _ operation: Operation, destination: Int = 0, a: Int = 0, b: Int = 0, c: Int = 0,
      immediate: Float = 0
    ) {
      self.operation = operation
      self.destination = destination
      self.a = a
      self.b = b
      self.c = c
      self.immediate = immediate
    }
  }

  package static let maximumRegisters = 32
  package static let maximumOperands = 32
  package static let maximumReductions = 8
  package static let maximumRank = 4

  /// The loop nest, outermost first, at most four.
  package var extents: [Extent]
  /// What steps load from and store to, by number: strides over the loop's extents.
  package var views: [View]
  package var steps: [Step]

  package init(extents: [Extent], views: [View], steps: [Step]) {
    self.extents = extents
    self.views = views
    self.steps = steps
  }
}

extension ElementwiseInstruction: InstructionBody {
  static let code: UInt8 = 1
  package static let fields: some FieldList<Self> = Fields(Self.init, \.extents, \.views, \.steps)
  var instruction: Instruction { .elementwise(self) }
  var name: String { "elementwise" }
  var detail: String {
    " [" + extents.map(\.description).joined(separator: ", ") + "] "
      + steps.map(\.text).joined(separator: "; ")
  }

  mutating func visit(_ walk: inout OperandWalk) {
    for index in views.indices { walk(&views[index], .read("operand", index)) }
  }

  /// A chain runs chunk by chunk, so that it may store over what it has loaded in the same order;
  /// not where a reduction makes it go over its operands again.
  var operands: [Operand] {
    let sharing: Operand.Sharing = steps.contains { $0.operation.isReduction } ? .none : .inPlace
    return steps.compactMap { step in
      guard let number = step.operand, views.indices.contains(number) else { return nil }
      var view = views[number]
      // Axes that the view does not have repeat it.
      let missing = max(0, extents.count - view.strides.count)
      view.strides = Array(repeating: 0, count: missing) + view.strides
      view.extents = reach(step.operation)
      var use: Operand.Use =
        step.operation == .load
        ? .read("operand", number, sharing: sharing)
        : .write("operand", number, sharing: sharing)
      use.takesAnyType = !step.operation.isReduction
      return Operand(view: view, use: use)
    }
  }

  /// The loop's extents as far as the operation walks over them in memory.
  func reach(_ operation: Operation) -> [Extent] {
    var kept = extents
    switch operation.form {
    case .reduceAll: kept = extents.map { _ in .fixed(1) }
    case .reduceColumns:
      for axis in kept.indices.dropLast() { kept[axis] = .fixed(1) }
    case .reduceInner:
      if let last = kept.indices.last { kept[last] = .fixed(1) }
    case .load, .store, .constant, .compute: break
    }
    return kept
  }

  var loop: [Extent] { extents }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    let operations = steps.reduce(0) { $0.plus($1.operation.weight) }
    return InstructionCost(
      flops: extents.product(rows: rows).times(operations), elements: elements)
  }

  func validate(_ check: inout ProgramValidator) {
    if views.count > Self.maximumOperands { check.report("\(views.count) operands") }
    let reductions = steps.count { $0.operation.isReduction }
    if reductions > Self.maximumReductions { check.report("\(reductions) reductions") }
    if extents.count > Self.maximumRank || check.sizes(extents) == nil {
      check.report("a loop over [\(check.text(extents))]")
    }
    for (number, view) in views.enumerated() {
      // Of a view that no step names the kernel still forms the address.
      var first = view
      (first.extents, first.strides) = ([], [])
      _ = check.resolve(first, "operand \(number)")
      if view.strides.count > extents.count {
        check.report("operand \(number) has rank \(view.strides.count)")
      }
    }
    var known: Set<Int> = []
    for (index, step) in steps.enumerated() {
      for register in step.registersRead where !known.contains(register) {
        check.report("step \(index) reads register \(register), which holds nothing")
      }
      if let number = step.operand, !views.indices.contains(number) {
        check.report("step \(index): \(step.operation.name) of operand \(number)")
      }
      // Those that the operation does not use included: kernels take them in 32 bits.
      for number in [step.destination, step.a, step.b, step.c]
      where !(0..<Self.maximumRegisters).contains(number) {
        check.report("step \(index) names register \(number)")
      }
      if !step.operation.writesOperand { known.insert(step.destination) }
    }
  }
}

extension ElementwiseInstruction.Step: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.operation, \.destination, \.a, \.b, \.c, \.immediate)
}

extension ElementwiseInstruction.Step {
  /// The number of the view that it loads from or stores to.
  package var operand: Int? {
    operation == .load ? a : operation.writesOperand ? b : nil
  }

  /// The registers whose values it needs.
  package var registersRead: [Int] {
    switch operation.form {
    case .load, .constant: []
    case .store, .reduceAll, .reduceColumns, .reduceInner: [a]
    case .compute(let count): Array([a, b, c].prefix(count))
    }
  }

  /// `r2 = add r0 r1`, `r0 = load 3`, `store 1 r2`.
  var text: String {
    let registers = registersRead.map { " r\($0)" }.joined()
    let number = operand.map { " \($0)" } ?? ""
    if operation.writesOperand { return "\(operation.name)\(number)\(registers)" }
    let value = operation.hasImmediate ? " \(immediate)" : ""
    return "r\(destination) = \(operation.name)\(number)\(registers)\(value)"
  }
}

extension ElementwiseInstruction.Operation: ByteCodable, CaseIterable {
  /// By their codes.
  package static let allCases: [Self] =
    ([
      .load, .store, .constant, .isNonnegative, .add, .sub, .mul, .div, .max, .min, .equal,
      .notEqual, .less, .lessEqual, .greater, .greaterEqual, .select, .sumAll, .maxAll,
      .sumColumns, .maxColumns, .sumInner, .maxInner, .addConstant, .mulConstant, .maxConstant,
      .minConstant, .subtractFromConstant,
    ] + UnaryFunction.allCases.map(Self.function)).sorted { $0.code < $1.code }

  /// The number in plan files, which is never used again; functions have theirs among them.
  package var code: UInt8 {
    switch self {
    case .load: 0
    case .store: 1
    case .constant: 2
    case .function(let function): function.code
    case .isNonnegative: 18
    case .add: 19
    case .sub: 20
    case .mul: 21
    case .div: 22
    case .max: 23
    case .min: 24
    case .equal: 25
    case .notEqual: 26
    case .less: 27
    case .lessEqual: 28
    case .greater: 29
    case .greaterEqual: 30
    case .select: 31
    case .sumAll: 32
    case .maxAll: 33
    case .sumColumns: 34
    case .maxColumns: 35
    case .sumInner: 36
    case .maxInner: 37
    case .addConstant: 38
    case .mulConstant: 39
    case .maxConstant: 40
    case .minConstant: 41
    case .subtractFromConstant: 42
    }
  }

  /// As listings have it: of a function that one's name.
  package var name: String {
    if case .function(let function) = self { return function.rawValue }
    return "\(self)"
  }

  package func encode(to writer: inout ByteWriter) { writer.byte(code) }
  package init(from reader: inout ByteReader) throws {
    let code = try reader.byte()
    guard let operation = Self.allCases.first(where: { $0.code == code }) else {
      throw reader.damaged("an elementwise operation of unknown kind \(code)")
    }
    self = operation
  }
}

extension ElementwiseInstruction.Operation {
  /// What a step reads and writes.
  package enum Form: Hashable {
    case load, store, constant
    /// Reads that many registers (a, then b, then c) and writes one.
    case compute(Int)
    case reduceAll, reduceColumns, reduceInner
  }

  package var form: Form {
    switch self {
    case .load: .load
    case .store: .store
    case .constant: .constant
    case .function, .isNonnegative, .addConstant, .mulConstant, .maxConstant, .minConstant,
      .subtractFromConstant:
      .compute(1)
    case .add, .sub, .mul, .div, .max, .min, .equal, .notEqual, .less, .lessEqual, .greater,
      .greaterEqual:
      .compute(2)
    case .select: .compute(3)
    case .sumAll, .maxAll: .reduceAll
    case .sumColumns, .maxColumns: .reduceColumns
    case .sumInner, .maxInner: .reduceInner
    }
  }

  /// Whether step operand `b` names an operand that is written.
  package var writesOperand: Bool { form == .store || isReduction }

  /// Whether it combines elements and needs the whole extent.
  package var isReduction: Bool {
    switch form {
    case .reduceAll, .reduceColumns, .reduceInner: true
    case .load, .store, .constant, .compute: false
    }
  }

  fileprivate var hasImmediate: Bool {
    switch self {
    case .constant, .addConstant, .mulConstant, .maxConstant, .minConstant, .subtractFromConstant:
      true
    case .load, .store, .function, .isNonnegative, .add, .sub, .mul, .div, .max, .min, .equal,
      .notEqual, .less, .lessEqual, .greater, .greaterEqual, .select, .sumAll, .maxAll,
      .sumColumns, .maxColumns, .sumInner, .maxInner:
      false
    }
  }

  /// Roughly how many additions it is worth.
  fileprivate var weight: Int {
    switch self {
    case .load, .store, .constant: 0
    case .function(let function): function.formula.weight
    case .div: 4
    case .isNonnegative, .add, .sub, .mul, .max, .min, .equal, .notEqual, .less, .lessEqual,
      .greater, .greaterEqual, .select, .sumAll, .maxAll, .sumColumns, .maxColumns, .sumInner,
      .maxInner, .addConstant, .mulConstant, .maxConstant, .minConstant, .subtractFromConstant:
      1
    }
  }
}
