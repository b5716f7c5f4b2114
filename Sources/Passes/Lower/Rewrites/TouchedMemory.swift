import Plan

/// What instructions read and write, found by where it lies.
struct TouchedMemory {
  private typealias Places = [BufferID: OverlapIndex<(instruction: Int, view: View)>]

  private let capacity: Int
  /// What is added to, or stepped, is there twice.
  private var reads: Places = [:]
  private var writes: Places = [:]

  init(capacity: Int) { self.capacity = capacity }

  mutating func insert(_ operands: [Operand], of instruction: Int) {
    for operand in operands { insert(operand.view, operand.access, of: instruction) }
  }

  mutating func insert(_ view: View, _ access: Operand.Access, of instruction: Int) {
    let place = view.place(rows: capacity)
    let touch = (instruction, view)
    if access.reads { reads[view.buffer, default: OverlapIndex()].insert(touch, at: place) }
    if access.writes { writes[view.buffer, default: OverlapIndex()].insert(touch, at: place) }
  }

  /// How often instructions read, or write, what may overlap a view.
  func count(_ access: Operand.Access, of view: View) -> Int {
    var count = 0
    forEach(access, of: view) { _ in
      true
    } _: { _ in
      count += 1
    }
    return count
  }

  /// Calls `body` for each read, or each write, by a wanted instruction of what may overlap a view.
  func forEach(
    _ access: Operand.Access, of view: View, where isWanted: (_ instruction: Int) -> Bool,
    _ body: (_ instruction: Int) -> Void
  ) {
    let places = access.writes ? writes : reads
    places[view.buffer]?.forEach(at: view.place(rows: capacity)) { touch in
      if isWanted(touch.instruction), touch.view.mayOverlap(view, rows: capacity) {
        body(touch.instruction)
      }
    }
  }
}
