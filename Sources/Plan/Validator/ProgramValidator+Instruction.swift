import TensorTypes

extension ProgramValidator {
  /// How often an instruction may come back to an element, and how many elements it may walk over
  /// whatever its operands have.
  private static let mostRepeats = 4_096
  private static let freeWork = 1 << 24

  /// Checks one instruction: its operands by what it says of them, then what its kernel asks for.
  mutating func check(_ instruction: Instruction, _ index: Int) {
    let body = instruction.body
    current = index
    prefix = body.name + ": "
    let touched = body.operands.compactMap { operand in
      region(of: operand).map {
        Access(
          buffer: operand.view.buffer, region: $0, use: operand.use,
          walked: operand.view.extents.product(rows: program.batchCapacity))
      }
    }
    checkRights(touched)
    checkWork(body, touched)
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
      case (.arena, _), (.gradients, .train), (.gradients, .gradients), (.gradients, .update),
        (.parameters, .update):
        break
      case (.parameters, .train) where !isUpdatedApart: break
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

  /// Views that repeat elements cost no memory, but time: what the instruction walks over is bounded by
  /// what its operands have.
  private mutating func checkWork(_ body: any InstructionBody, _ touched: [Access]) {
    let own = touched.reduce(0) { $0.plus($1.region.elements) }
    let loop = body.loop.product(rows: program.batchCapacity)
    let walked = touched.reduce(loop) { max($0, $1.walked) }
    if walked > max(Self.freeWork, own.times(Self.mostRepeats)) {
      report("it walks over \(walked) elements of \(own)")
    }
  }

  /// Reports operands that share memory although the instruction cannot work so.
  private mutating func checkOverlaps(_ touched: [Access]) {
    let pairs = Self.conflicts(touched) {
      let (one, other) = (touched[$0], touched[$1])
      let isInPlace =
        one.use.sharing == .inPlace && other.use.sharing == .inPlace
        && (one.use.access == .read || other.use.access == .read) && one.region == other.region
      return !isInPlace && !(one.use.sharing == .added && other.use.sharing == .added)
    }
    for (one, other) in pairs {
      report("\(touched[one].use.role) overlaps \(touched[other].use.role)")
    }
  }

  /// The places of pairs that share elements of which one writes, up to the number of findings that
  /// count.
  /// - Parameter counts: Which pairs are wanted.
  static func conflicts(
    _ accesses: [Access], where counts: (Int, Int) -> Bool
  ) -> [(Int, Int)] {
    let order = accesses.indices.sorted {
      accesses[$0].region.bounds.lowerBound < accesses[$1].region.bounds.lowerBound
    }
    var pairs: [(Int, Int)] = []
    var (reads, writes) = (OverlapIndex<Int>(), OverlapIndex<Int>())
    for (index, number) in order.enumerated() {
      let (region, isWritten) = (accesses[number].region, accesses[number].use.access.writes)
      let place = region.place
      var met: [Int] = []
      func meet(_ other: Int) -> Bool {
        if counts(order[other], number), !accesses[order[other]].region.isDisjoint(from: region) {
          met.append(other)
        }
        return pairs.count + met.count >= PlanValidator.maximumFindings
      }
      let isEnough =
        writes.contains(at: place, where: meet)
        || isWritten && reads.contains(at: place, where: meet)
      for other in met.sorted() { pairs.append((order[other], number)) }
      if isEnough { break }
      if isWritten {
        writes.insert(index, at: place)
      } else {
        reads.insert(index, at: place)
      }
    }
    return pairs
  }
}
