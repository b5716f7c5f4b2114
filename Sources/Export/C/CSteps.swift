import Plan

/// The steps of an elementwise instruction as C statements on one element.
struct CSteps {
  /// The present element of each operand.
  let operands: [String]
  let areIntegers: [Bool]
  /// What each register holds: the name of a variable.
  private var registers: [Int: String] = [:]
  private var count = 0

  init(operands: [String], areIntegers: [Bool]) {
    self.operands = operands
    self.areIntegers = areIntegers
  }

  /// The name of the variable in a register.
  func value(_ register: Int) -> String { registers[register] ?? "0.0f" }

  /// The steps without those whose results nothing reads.
  func needed(_ steps: [ElementwiseInstruction.Step]) -> [ElementwiseInstruction.Step] {
    var live: Set<Int> = []
    var kept: [ElementwiseInstruction.Step] = []
    for step in steps.reversed() {
      if step.operation.writesOperand {
        live.insert(step.a)
      } else if live.remove(step.destination) != nil {
        live.formUnion(step.registersRead)
      } else {
        continue
      }
      kept.append(step)
    }
    return kept.reversed()
  }

  /// A store, or a constant variable for the register that the step writes.
  mutating func statement(
    _ step: ElementwiseInstruction.Step, _ helpers: inout Set<CHelper>
  ) -> String {
    if step.operation == .store {
      let isInteger = areIntegers[step.b] && !value(step.a).hasPrefix("n")
      return "\(operands[step.b]) = \(isInteger ? "(int32_t)" : "")\(value(step.a));"
    }
    let expression = expression(step, &helpers)
    let isInteger = step.operation == .load && areIntegers[step.a]
    let name = (isInteger ? "n" : "t") + "\(count)"
    count += 1
    registers[step.destination] = name
    return "const \(isInteger ? "int32_t" : "float") \(name) = \(expression);"
  }

  private func expression(
    _ step: ElementwiseInstruction.Step, _ helpers: inout Set<CHelper>
  ) -> String {
    let (x, y, z) = (value(step.a), value(step.b), value(step.c))
    let constant = CLiteral.float(step.immediate)
    func call(_ helper: CHelper, _ arguments: String...) -> String {
      helpers.insert(helper)
      return "\(helper.rawValue)(\(arguments.joined(separator: ", ")))"
    }
    /// Masks are 0 and 1.
    func mask(_ condition: String) -> String { "\(condition) ? 1.0f : 0.0f" }
    switch step.operation {
    case .load: return operands[step.a]
    case .constant: return constant
    case .function(let function): return function.formula.c(x, &helpers)
    case .isNonnegative: return mask("\(x) >= 0.0f")
    case .add: return "\(x) + \(y)"
    case .sub: return "\(x) - \(y)"
    case .mul: return "\(x) * \(y)"
    case .div: return "\(x) / \(y)"
    case .max: return call(.maximum, x, y)
    case .min: return call(.minimum, x, y)
    case .equal: return mask("\(x) == \(y)")
    case .notEqual: return mask("\(x) != \(y)")
    case .less: return mask("\(x) < \(y)")
    case .lessEqual: return mask("\(x) <= \(y)")
    case .greater: return mask("\(x) > \(y)")
    case .greaterEqual: return mask("\(x) >= \(y)")
    case .select: return "\(x) != 0.0f ? \(y) : \(z)"
    case .addConstant: return "\(x) + \(constant)"
    case .mulConstant: return "\(x) * \(constant)"
    case .maxConstant: return call(.maximum, x, constant)
    case .minConstant: return call(.minimum, x, constant)
    case .subtractFromConstant: return "\(constant) - \(x)"
    case .store, .sumAll, .maxAll, .sumColumns, .maxColumns, .sumInner, .maxInner: return x
    }
  }
}
