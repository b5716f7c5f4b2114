import Plan
import Schema
import TensorTypes
import Testing

/// Builds small programs by hand: buffers one after the other in their space, a level each.
struct PlanBuilder {
  let kind: Program.Kind
  let capacity: Int
  var buffers: [Buffer] = []
  var instructions: [Instruction] = []
  var levels: [Int] = []
  var feeds: [FeedRecord] = []
  var fetches: [FetchRecord] = []
  var parameters: [ParameterRecord] = []
  private var ends: [Buffer.Space: Int] = [:]

  init(_ kind: Program.Kind, capacity: Int) {
    self.kind = kind
    self.capacity = capacity
  }

  private mutating func buffer(_ space: Buffer.Space, _ count: Int, _ dtype: DType, _ label: String)
    -> BufferID
  {
    let offset = ends[space, default: 0]
    ends[space] = offset + (count + 15) / 16 * 16
    buffers.append(
      Buffer(space: space, offset: offset, count: count, dtype: dtype, label: label))
    return BufferID(buffers.count - 1)
  }

  /// `[B, width]` in the feed block.
  mutating func feed(_ name: String, width: Int, integer: Bool = false) -> View {
    let id = buffer(.feeds, capacity * width, integer ? .i32 : .f32, name)
    feeds.append(FeedRecord(name: name, buffer: id, width: width))
    return View(buffer: id, extents: [.batch(times: 1), .fixed(width)], strides: [width, 1])
  }

  /// `[B, width]` in the arena.
  mutating func value(width: Int, label: String = "") -> View {
    let id = buffer(.arena, capacity * width, .f32, label)
    return View(buffer: id, extents: [.batch(times: 1), .fixed(width)], strides: [width, 1])
  }

  mutating func fixed(_ sizes: Int...) -> View {
    let id = buffer(.arena, sizes.reduce(1, *), .f32, "")
    return contiguous(id, sizes)
  }

  private func contiguous(_ id: BufferID, _ sizes: [Int]) -> View {
    var strides = [Int](repeating: 1, count: sizes.count)
    for axis in stride(from: sizes.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * sizes[axis + 1]
    }
    return View(buffer: id, extents: sizes.map { .fixed($0) }, strides: strides)
  }

  /// A parameter and its view; its gradient lies at the same place of the gradient block.
  mutating func parameter(
    _ name: String, _ sizes: Int..., initializer: Initializer = .normal(0.3)
  ) -> View {
    let id = buffer(.parameters, sizes.reduce(1, *), .f32, name)
    let columns = sizes.last ?? 1
    parameters.append(
      ParameterRecord(
        name: name, shape: sizes, offset: buffers[id.index].offset,
        rows: sizes.dropLast().reduce(1, *), columns: columns, rowStride: columns,
        initializer: initializer, isTrainable: true, l2: 0))
    return contiguous(id, sizes)
  }

  mutating func gradient(of parameter: View) -> View {
    let source = buffers[parameter.buffer.index]
    buffers.append(
      Buffer(space: .gradients, offset: source.offset, count: source.count, dtype: .f32))
    var view = parameter
    view.buffer = BufferID(buffers.count - 1)
    return view
  }

  /// All parameters so far, or their gradients, as one run.
  mutating func block(_ space: Buffer.Space) -> View {
    let count = ends[.parameters, default: 0]
    buffers.append(Buffer(space: space, offset: 0, count: count, dtype: .f32))
    return contiguous(BufferID(buffers.count - 1), [count])
  }

  mutating func add(_ instruction: Instruction, sameLevel: Bool = false) {
    if !sameLevel { levels.append(instructions.count) }
    instructions.append(instruction)
  }

  mutating func fetch(_ name: String, _ view: View) {
    fetches.append(FetchRecord(name: name, view: view))
  }

  var program: Program {
    Program(
      kind: kind, batchCapacity: capacity, buffers: buffers,
      arenaFloats: ends[.arena, default: 0], instructions: instructions, levels: levels,
      feeds: feeds, fetches: fetches)
  }

  func plan(
    optimizer: Optimizer = Optimizer(kind: .sgd, learningRate: 0.1),
    others: [Program] = [], tasks: [TaskRecord] = []
  ) -> Plan {
    let plan = unchecked(optimizer: optimizer, others: others, tasks: tasks)
    // Through a plan file, as every program that is run.
    do { return try PlanDecoder().decode(plan.encoded()) } catch {
      Issue.record(error)
      return plan
    }
  }

  /// A plan that the validator has not seen.
  func unchecked(
    optimizer: Optimizer = Optimizer(kind: .sgd, learningRate: 0.1),
    others: [Program] = [], tasks: [TaskRecord] = []
  ) -> Plan {
    Plan(
      name: "test", schema: DataSchema(format: TableFormat(), features: [], labels: []),
      tasks: tasks,
      training: TrainingSettings(
        batchSize: capacity, evaluationBatchSize: capacity, epochs: 1, seed: 1,
        optimizer: optimizer),
      parameters: parameters, parameterFloats: ends[.parameters, default: 0],
      programs: [program] + others)
  }
}

/// Seeded numbers in [−1, 1) for tests.
struct TestNumbers {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  mutating func bits() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func next() -> Float { Float(bits() >> 40) / Float(1 << 23) - 1 }
  mutating func next(below limit: Int) -> Int { Int(bits() >> 33) % limit }
  mutating func array(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}
