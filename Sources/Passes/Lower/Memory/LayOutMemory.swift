import Plan

/// Orders the instructions by their levels and gives every storage that they use its place.
struct LayOutMemory: InstructionPass {
  let name = "lay_out_memory"
  let isRequired = true

  func run(_ draft: inout ProgramDraft) throws {
    guard let levelOf = draft.levelOf else {
      throw LoweringError("the instructions have no levels")
    }
    // Only storages that are used stay, numbered as they are met.
    let storages = draft.storages.storages
    var number: [Int: Int] = [:]
    var kept: [Storage] = []
    func renumbered(_ view: View) -> View {
      let old = view.buffer.index
      let new = number[old] ?? kept.count
      if number.updateValue(new, forKey: old) == nil { kept.append(storages[old]) }
      var result = view
      result.buffer = BufferID(new)
      return result
    }
    let sorted = LevelOrder(draft.instructions, levelOf: levelOf)
    let instructions = sorted.instructions.map { $0.mapViews(renumbered) }
    for index in draft.fetches.indices {
      draft.fetches[index].view = renumbered(draft.fetches[index].view)
    }
    let order = LevelOrder(instructions, levels: sorted.levels)
    let memory = MemoryPlanner(
      storages: kept, order: order, fetches: draft.fetched, capacity: draft.capacity)
    draft.finished = (
      Program(
        kind: draft.kind, batchCapacity: draft.capacity, buffers: memory.buffers,
        arenaFloats: memory.arenaFloats, instructions: instructions, levels: order.levels,
        feeds: ProgramDraft.feeds(memory.buffers, draft.capacity), fetches: draft.fetches),
      memory.lowerBound
    )
  }
}
