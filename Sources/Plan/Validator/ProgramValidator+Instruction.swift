import TensorTypes

extension ProgramValidator {
  /// Checks one instruction: its operands by what it says of them, then what its kernel asks for.
  mutating func check(_ instruction: Instruction, _ index: Int) {
    let body = instruction.body
    current = index
    prefix = body.name + ": "
    let touched = body.operands.compactMap { operand in
      region(of: operand).map {
        Access(instruction: index, buffer: operand.view.buffer, region: $0, use: operand.use)
      }
    }
    checkRights(touched)
    checkOverlaps(touched)
    body.validate(&self)
    accesses.append(touched)
    current = nil
    prefix = ""
  }

  /// Reports an operand that does not lie inside its buffer, or is of another type, or is written
  /// twice.
  private mutating func region(of operand: Operand) -> Region? {
    let (view, use) = (operand.view, operand.use)
    guard let region = resolve(view, use.role) else { return nil }
    let dtype = program[view.buffer].dtype
    if dtype != use.dtype, !use.takesAnyType {
      report("\(use.role) is \(dtype), expected \(use.dtype)")
    }
    let moving = (sizes(view.extents) ?? []).count { $0 > 1 }
    if use.access.writes, !use.repeats, !region.isInjective(axesThatMove: moving) {
      report("\(use.role): it writes an element twice")
    }
    return region
  }

  /// What it may write in this kind of program.
  private mutating func checkRights(_ touched: [Access]) {
    for access in touched where access.use.access.writes {
      let space = access.region.space
      switch (space, program.kind) {
      case (.arena, _), (.gradients, .train), (.gradients, .gradients), (.parameters, .train): break
      case (.feeds, _): report("\(access.use.role): it writes into a feed")
      case (.parameters, _), (.gradients, .predict):
        report(
          "\(access.use.role): a \(program.kind.rawValue) program writes into the \(space) space")
      }
      if access.use.access == .update, space != .parameters {
        report("\(access.use.role) is not a parameter")
      }
    }
  }

  /// Reports operands that share memory although the instruction cannot work so.
  private mutating func checkOverlaps(_ touched: [Access]) {
    for (one, other) in Self.conflicts(touched) {
      let isInPlace =
        one.use.sharing == .inPlace && other.use.sharing == .inPlace
        && (one.use.access == .read || other.use.access == .read) && one.region == other.region
      let isSum = one.use.sharing == .added && other.use.sharing == .added
      if !isInPlace, !isSum { report("\(one.use.role) overlaps \(other.use.role)") }
    }
  }

  /// Pairs that share elements of which one writes, up to the number of findings that count.
  static func conflicts(_ accesses: [Access]) -> [(Access, Access)] {
    var pairs: [(Access, Access)] = []
    var active: [Access] = []
    for access in accesses.sorted(by: { $0.region.bounds.lowerBound < $1.region.bounds.lowerBound })
    {
      active.removeAll { $0.region.bounds.upperBound <= access.region.bounds.lowerBound }
      for other in active where access.use.access.writes || other.use.access.writes {
        if !other.region.isDisjoint(from: access.region) { pairs.append((other, access)) }
      }
      active.append(access)
    }
    return pairs
  }
}
