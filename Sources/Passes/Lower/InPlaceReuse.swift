import Plan
import TensorTypes

/// Lets an instruction write over an operand that dies with it, where its kernel reads each element
/// before it writes the same one: elementwise loops, and the activation output that a product's
/// gradient factor reads.
enum InPlaceReuse {
  /// - Returns: For each storage the one whose memory it takes (itself mostly).
  static func merge(
    _ schedule: Schedule, storages: [Storage], fetches: [View], capacity: Int
  ) -> [BufferID] {
    var first = Array(repeating: Int.max, count: storages.count)
    var last = Array(repeating: -1, count: storages.count)
    var lastTouches = Array(repeating: 0, count: storages.count)
    for (level, range) in schedule.ranges.enumerated() {
      for instruction in schedule.instructions[range] {
        for buffer in Set((instruction.reads + instruction.writes).map(\.buffer.index)) {
          first[buffer] = min(first[buffer], level)
          if last[buffer] != level { lastTouches[buffer] = 0 }
          last[buffer] = level
          lastTouches[buffer] += 1
        }
      }
    }
    for view in fetches { last[view.buffer.index] = Int.max }

    var target = storages.indices.map { BufferID($0) }
    var isTaken = Array(repeating: false, count: storages.count)
    for (level, range) in schedule.ranges.enumerated() {
      for instruction in schedule.instructions[range] {
        for (source, result) in candidates(instruction) {
          let from = source.buffer.index
          let to = result.buffer.index
          guard from != to, storages[from].space == .arena, storages[to].space == .arena,
            storages[from].count == storages[to].count,
            storages[from].dtype == storages[to].dtype, last[from] == level,
            lastTouches[from] == 1, first[to] == level, !isTaken[from],
            source.offset == 0, result.offset == 0, source.extents == result.extents,
            source.strides == result.strides,
            result.bounds(rows: capacity) == 0...(storages[to].count - 1), target[to].index == to
          else { continue }
          target[to] = target[from]
          isTaken[from] = true
        }
      }
    }
    return target
  }

  /// Elements of a result from which its own memory is worth a level: more than a second-level
  /// cache holds of it and of the operand together.
  private static let worthALevel = 1 << 18

  /// Products that could take the memory of the activation they read, if only they came after the
  /// other readers of that activation in their level: those readers.
  static func waits(
    _ instructions: [Instruction], levelOf: [Int], storages: [Storage], fetches: [View]
  ) -> [Int: [Int]] {
    let fetched = Set(fetches.map(\.buffer))
    var result: [Int: [Int]] = [:]
    for (index, instruction) in instructions.enumerated() {
      guard case .matmul(let product) = instruction, let y = product.y, let c = product.c,
        storages[y.buffer.index].space == .arena, storages[c.buffer.index].space == .arena,
        storages[c.buffer.index].count >= worthALevel, candidates(instruction).count == 1,
        !fetched.contains(y.buffer)
      else { continue }
      let others = instructions.indices.filter { other in
        other != index && levelOf[other] >= levelOf[index]
          && instructions[other].touches(y.buffer)
      }
      if !others.isEmpty,
        others.allSatisfy({ levelOf[$0] == levelOf[index] && result[$0] == nil })
      {
        result[index] = others
      }
    }
    return result
  }

  /// Pairs of an operand and the result that may take its memory.
  private static func candidates(_ instruction: Instruction) -> [(View, View)] {
    switch instruction {
    case .elementwise(let e):
      guard !e.steps.contains(where: { $0.operation.isReduction }) else { return [] }
      // The chain runs chunk by chunk, so an operand must be read in the result's own order.
      // A chain may load late what another of its results has been stored over by then.
      let loads = e.steps.enumerated().filter { $0.element.operation == .load }
        .map { (place: $0.offset, view: e.operands[$0.element.a]) }
      let stores = e.steps.enumerated().filter { $0.element.operation == .store }
        .map { (place: $0.offset, view: e.operands[$0.element.b]) }
      return loads.flatMap { load in
        loads.filter { $0.view.buffer == load.view.buffer }.count == 1
          ? stores.filter { $0.place > load.place }.map { (load.view, $0.view) } : []
      }
    case .matmul(let m):
      // Of several groups each has its own elements, whatever their order.
      guard let y = m.y, let c = m.c, m.a.buffer != y.buffer, m.b.buffer != y.buffer
      else { return [] }
      return [(y, c)]
    case .softmax(let s):
      return s.cotangent == nil ? [(s.input, s.output)] : []
    case .reduce, .gather, .scatterAdd, .oneHot, .oneHotLinear, .oneHotGradient, .mixture,
      .mixtureGradient, .convolution, .pool, .random, .fill, .batchSize, .optimizer,
      .sparseUpdate:
      return []
    }
  }
}

extension Instruction {
  fileprivate func touches(_ buffer: BufferID) -> Bool {
    reads.contains { $0.buffer == buffer } || writes.contains { $0.buffer == buffer }
  }
}
