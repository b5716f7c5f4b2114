import Plan
import TensorTypes

extension SamplePlan {
  private static let spaces: [(Buffer.Space, Int, DType)] = [
    (.feeds, 4 * rows, .f32),  // &0 numeric
    (.feeds, 6 * rows, .i32),  // &1 ids
    (.feeds, 2 * rows, .i32),  // &2 ids.history
    (.parameters, 40, .f32),  // &3
    (.gradients, 40, .f32),  // &4
  ]
  private static let feeds = [
    FeedRecord(name: "numeric", buffer: BufferID(0), width: 4),
    FeedRecord(name: "ids", buffer: BufferID(1), width: 6),
    FeedRecord(name: "ids.history", buffer: BufferID(2), width: 2),
  ]

  /// The shared buffers and then arena buffers of the given sizes, one behind the other.
  private static func program(
    _ kind: Program.Kind, arena: [Int], instructions: [Instruction], fetches: [FetchRecord]
  ) -> Program {
    var buffers: [Buffer] = []
    var feedOffset = 0
    for (space, count, dtype) in spaces {
      let isFeed = space == .feeds
      buffers.append(
        Buffer(space: space, offset: isFeed ? feedOffset : 0, count: count, dtype: dtype))
      if isFeed { feedOffset += count }
    }
    var offset = 0
    for (index, count) in arena.enumerated() {
      buffers.append(
        Buffer(
          space: .arena, offset: offset, count: count, dtype: .f32,
          lifetime: 0...(instructions.count - 1), label: "value \(index)"))
      offset += count
    }
    return Program(
      kind: kind, batchCapacity: rows, buffers: buffers, arenaFloats: offset,
      instructions: instructions, levels: Array(instructions.indices), feeds: feeds,
      fetches: fetches)
  }

  private static func ids(_ column: Int) -> View { matrix(1, 1, offset: column, stride: 6) }

  static func trainProgram() -> Program {
    // &5 features [B, 4] · &6 experts [B, 6] · &7 logits [B, 2] · &8 gate weights [B, 2]
    // &9 mixed [B, 3] · &10 d mixed · &11 d experts · &12 d logits · &13 scratch and scalars [16]
    let gate = MixtureLayout.Gate(experts: [1, 0], logitColumn: 0, column: 0)
    let layout = MixtureLayout(width: 3, expertColumns: [0, 3], gates: [gate])
    let step = ElementwiseInstruction.Step.self
    let instructions: [Instruction] = [
      .gather(
        GatherInstruction(
          features: [
            .init(table: weight(3, 5, 2, offset: 30), ids: ids(0), pooling: .concat, column: 0),
            .init(table: weight(3, 5, 2, offset: 30), ids: matrix(2, 2), pooling: .mean, column: 2),
          ], matrix: matrix(5, 4))),
      .matmul(
        MatmulInstruction(
          a: matrix(5, 4), b: weight(3, 4, 6), c: matrix(6, 6), bias: vector(3, 6, offset: 24),
          activation: .relu, activationColumns: 0..<3)),
      .oneHotLinear(
        OneHotLinearInstruction(
          features: [.init(ids: ids(1), rowOffset: 1, rowCount: 4)],
          weight: weight(3, 5, 2, offset: 30), bias: vector(3, 2, offset: 24), matrix: matrix(7, 2),
          accumulate: false, activation: .tanh, activationColumns: 1..<2)),
      .softmax(SoftmaxInstruction(input: matrix(7, 2), output: matrix(7, 2))),
      .mixture(
        MixtureInstruction(
          layout: layout, experts: matrix(6, 6), logits: matrix(7, 2), weights: matrix(8, 2),
          output: matrix(9, 3))),
      .fill(matrix(10, 3), 1),
      .elementwise(
        ElementwiseInstruction(
          extents: [.batch(times: 1), .fixed(3)],
          views: [
            matrix(9, 3), matrix(10, 3), scalar2(13, offset: 0), matrix(0, 1).broadcastColumns,
          ],
          steps: [
            step.init(.load, destination: 0, a: 0), step.init(.load, destination: 1, a: 3),
            step.init(.select, destination: 2, a: 0, b: 1, c: 0),
            step.init(.constant, destination: 3, immediate: 0.5),
            step.init(.mul, destination: 3, a: 3, b: 2), step.init(.store, a: 3, b: 1),
            step.init(.sumAll, a: 3, b: 2),
          ])),
      .mixtureGradient(
        MixtureGradientInstruction(
          layout: layout, experts: matrix(6, 6), weights: matrix(8, 2), cotangent: matrix(10, 3),
          expertCotangents: matrix(11, 6), logitCotangents: matrix(12, 2), gradientOf: .sigmoid)),
      .softmax(
        SoftmaxInstruction(input: matrix(12, 2), output: matrix(12, 2))),
      .oneHotGradient(
        OneHotGradientInstruction(
          features: [.init(ids: ids(1), rowOffset: 1, rowCount: 4)],
          weight: weight(4, 5, 2, offset: 30), bias: vector(4, 2, offset: 24),
          matrix: matrix(12, 2))),
      .scatterAdd(
        ScatterAddInstruction(
          features: [
            .init(table: weight(4, 5, 2, offset: 30), ids: matrix(2, 2), pooling: .sum, column: 4)
          ], matrix: matrix(11, 6))),
      .reduce(
        ReduceInstruction(
          kind: .max, input: matrix(11, 6), reduced: [true, true],
          output: weight(13, 1, 1, offset: 1))),
      .batchSize(BatchSizeInstruction(view: scalar(13, offset: 2))),
      .random(RandomInstruction(output: matrix(9, 3), stream: 7)),
      .matmul(
        MatmulInstruction(
          a: matrix(5, 4), b: matrix(11, 6), c: nil, transposeA: true,
          columnSums: vector(13, 6, offset: 8), update: .init(parameter: weight(3, 4, 6), l2: 0.5),
          columnUpdate: .init(parameter: vector(3, 6, offset: 24), l2: 0))),
      .optimizer(
        OptimizerInstruction(
          parameters: vector(3, 40), gradients: vector(4, 40),
          segments: [.init(offset: 30, count: 10, l2: 0.5, clearsGradient: true)],
          maximumNorm: 2)),
      .matmul(
        MatmulInstruction(
          a: matrix(11, 6), b: weight(3, 4, 6), c: matrix(5, 4), transposeB: true,
          gradientOf: .tanh, y: matrix(5, 4), addend: matrix(5, 4),
          cross: .init(factor: matrix(5, 4), residual: matrix(5, 4), output: matrix(14, 4)))),
    ]
    return program(
      .train, arena: [16, 24, 8, 8, 12, 12, 24, 8, 16, 16], instructions: instructions,
      fetches: [FetchRecord(name: "loss", view: scalar(13))])
  }

  private static func scalar2(_ buffer: Int, offset: Int) -> View {
    View(
      buffer: BufferID(buffer), offset: offset, extents: [.fixed(1), .fixed(1)], strides: [0, 0])
  }

  static func predictProgram() -> Program {
    let instructions: [Instruction] = [
      .gather(
        GatherInstruction(
          features: [
            .init(table: weight(3, 5, 2, offset: 30), ids: ids(3), pooling: .concat, column: 0)
          ], matrix: matrix(5, 2))),
      .oneHot(OneHotInstruction(ids: ids(2), output: matrix(6, 4))),
    ]
    return program(
      .predict, arena: [8, 16], instructions: instructions,
      fetches: [
        FetchRecord(name: "prediction.click", view: matrix(5, 1, stride: 2)),
        FetchRecord(name: "prediction.spend", view: matrix(6, 1, offset: 3, stride: 4)),
      ])
  }
}

extension View {
  /// The single column repeated along the last axis.
  var broadcastColumns: View {
    View(buffer: buffer, offset: offset, extents: extents, strides: [strides[0], 0])
  }
}
