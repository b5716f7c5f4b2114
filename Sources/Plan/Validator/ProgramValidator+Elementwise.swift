import TensorTypes

extension ElementwiseInstruction.Operation {
  /// What a step reads and writes.
  enum Form: Hashable {
    case load, store, constant
    /// Reads that many registers (a, then b, then c) and writes one.
    case compute(Int)
    case reduceAll, reduceColumns, reduceInner
  }

  var form: Form {
    switch self {
    case .load: .load
    case .store: .store
    case .constant: .constant
    case .neg, .abs, .sign, .exp, .log, .log1p, .sqrt, .rsqrt, .reciprocal, .square, .relu, .step,
      .sigmoid, .tanh, .softplus, .isNonnegative, .addConstant, .mulConstant, .maxConstant,
      .minConstant, .subtractFromConstant:
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
}

extension ProgramValidator {
  mutating func check(_ loop: ElementwiseInstruction) {
    guard loop.operands.count <= ElementwiseInstruction.maximumOperands else {
      return report("elementwise: \(loop.operands.count) operands")
    }
    let reductions = loop.steps.count { $0.operation.isReduction }
    guard reductions <= ElementwiseInstruction.maximumReductions else {
      return report("elementwise: \(reductions) reductions")
    }
    guard loop.extents.count <= ElementwiseInstruction.maximumRank, sizes(loop.extents) != nil
    else {
      return report("elementwise: a loop over [\(text(loop.extents))]")
    }
    var loads: [Region] = []
    var stores: [(operand: Int, region: Region, form: ElementwiseInstruction.Operation.Form)] = []
    var known: Set<Int> = []
    for (index, step) in loop.steps.enumerated() {
      let form = step.operation.form
      func operand(_ number: Int) -> View? {
        loop.operands.indices.contains(number) ? loop.operands[number] : nil
      }
      for register in registersRead(step, form) where !known.contains(register) {
        report("elementwise: step \(index) reads register \(register), which holds nothing")
      }
      switch form {
      case .load:
        guard let view = operand(step.a) else {
          report("elementwise: step \(index) loads operand \(step.a)")
          continue
        }
        if let region = resolve(view, extents: loop.extents, "elementwise: operand \(step.a)") {
          loads.append(region)
          note(view, region, .read)
        }
        define(step.destination, index, &known)
      case .constant, .compute: define(step.destination, index, &known)
      case .store, .reduceAll, .reduceColumns, .reduceInner:
        guard let view = operand(step.b) else {
          report("elementwise: step \(index) stores operand \(step.b)")
          continue
        }
        if let region = stored(view, form, loop.extents, step.b) {
          stores.append((step.b, region, form))
          note(view, region, .write)
        }
      }
    }
    for (index, store) in stores.enumerated() {
      for load in loads {
        checkAlias(store.region, load, "elementwise: a store", inPlace: store.form == .store)
      }
      for other in stores[(index + 1)...] {
        checkAlias(store.region, other.region, "elementwise: a store")
      }
    }
  }

  private func registersRead(
    _ step: ElementwiseInstruction.Step, _ form: ElementwiseInstruction.Operation.Form
  ) -> [Int] {
    switch form {
    case .load, .constant: []
    case .store, .reduceAll, .reduceColumns, .reduceInner: [step.a]
    case .compute(let count): Array([step.a, step.b, step.c].prefix(count))
    }
  }

  private mutating func define(_ register: Int, _ step: Int, _ known: inout Set<Int>) {
    guard (0..<ElementwiseInstruction.maximumRegisters).contains(register) else {
      return report("elementwise: step \(step) writes register \(register)")
    }
    known.insert(register)
  }

  private mutating func note(_ view: View, _ region: Region, _ mode: Access.Mode) {
    accesses[accesses.count - 1].append(Access(buffer: view.buffer, region: region, mode: mode))
  }

  /// What a store or a reduction writes through the view of operand `number`.
  private mutating func stored(
    _ view: View, _ form: ElementwiseInstruction.Operation.Form, _ extents: [Extent], _ number: Int
  ) -> Region? {
    let role = "elementwise: operand \(number)"
    var kept = extents
    switch form {
    case .reduceAll: kept = extents.map { _ in .fixed(1) }
    case .reduceColumns:
      for axis in kept.indices.dropLast() { kept[axis] = .fixed(1) }
    case .reduceInner:
      if let last = kept.indices.last { kept[last] = .fixed(1) }
    case .store, .load, .constant, .compute: break
    }
    guard let region = resolve(view, extents: kept, role) else { return nil }
    if form != .store, program[view.buffer].dtype != .f32 {
      report("\(role): a reduction into ids")
    }
    let moving = (sizes(kept) ?? []).count { $0 > 1 }
    if !region.isInjective(axesThatMove: moving) { report("\(role): it writes an element twice") }
    return region
  }
}
