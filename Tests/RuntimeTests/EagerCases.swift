import GraphIR
import Runtime
import TensorTypes
import TestSupport

extension EagerCase {
  /// Every op that has a derivative, in the shapes and layouts that make a difference.
  static let differentiable: [EagerCase] =
    unary + binary + selections + layouts + reductions + matrices + lookups + compositions

  static let unary: [EagerCase] = ElementwiseOp.Unary.allCases.map { kind in
    EagerCase(
      kind.rawValue, [.floats(.batch, 4, seed: 1, positive: !kind.isDefinedEverywhere)]
    ) { try $0.unary(kind, $1[0]) }
  }

  static let binary: [EagerCase] = ElementwiseOp.Binary.allCases.flatMap { kind in
    let shapes: [(String, EagerArgument, EagerArgument)] = [
      (
        "same", .floats(.batch, 4, seed: 2, positive: true),
        .floats(.batch, 4, seed: 3, positive: true)
      ),
      ("row", .floats(.batch, 4, seed: 4), .floats(4, seed: 5, positive: true)),
      (
        "column", .floats(.batch, 1, seed: 6, positive: true),
        .floats(.batch, 4, seed: 7, positive: true)
      ),
      ("scalar", .floats(seed: 8), .floats(2, 4, seed: 9, positive: true)),
      ("outer", .floats(.batch, 2, 1, seed: 10), .floats(.batch, 1, 4, seed: 11, positive: true)),
    ]
    return shapes.map { name, a, b in
      EagerCase("\(kind.rawValue) \(name)", [a, b]) { try $0.binary(kind, $1[0], $1[1]) }
    }
  }

  static let selections: [EagerCase] = [
    EagerCase(
      "select",
      [.mask([true, false, true], .batch, 1), .floats(.batch, 4, seed: 1), .floats(4, seed: 2)]
    ) { try $0.select($1[0], $1[1], $1[2]) },
    EagerCase("stop_gradient", [.floats(.batch, 4, seed: 3)]) {
      try $0.mul($0.stopGradient($1[0]), $0.constant(1))
    },
  ]

  static let layouts: [EagerCase] = [
    EagerCase("reshape", [.floats(.batch, 6, seed: 1)]) {
      try $0.reshape($1[0], [.batch, 2, 3])
    },
    EagerCase("broadcast", [.floats(2, 1, seed: 2)]) {
      try $0.broadcast($1[0], to: [.batch, 2, 4])
    },
    EagerCase("transpose", [.floats(.batch, 2, 4, seed: 3)]) {
      try $0.transpose($1[0], [2, 0, 1])
    },
    EagerCase("concat last", [.floats(.batch, 2, seed: 4), .floats(.batch, 3, seed: 5)]) {
      try $0.concat([$1[0], $1[1], $1[0]], axis: 1)
    },
    EagerCase("concat middle", [.floats(.batch, 2, 3, seed: 6), .floats(.batch, 1, 3, seed: 7)]) {
      try $0.concat([$1[0], $1[1]], axis: 1)
    },
    EagerCase("slice", [.floats(.batch, 5, 2, seed: 8)]) {
      try $0.slice($1[0], axis: 1, 1..<4)
    },
    EagerCase("pad", [.floats(.batch, 2, 2, seed: 9)]) {
      try $0.pad($1[0], axis: 1, before: 1, after: 2)
    },
  ]

  static let reductions: [EagerCase] =
    ReductionOp.Kind.allCases.flatMap { kind in
      [[0], [1], [0, 2], [0, 1, 2], []].flatMap { axes in
        [true, false].map { keep in
          EagerCase(
            "reduce \(kind.rawValue) \(axes) keep \(keep)", [.floats(.batch, 2, 4, seed: 1)]
          ) { try $0.reduce(kind, $1[0], axes: axes, keepAxes: keep) }
        }
      }
    } + [
      EagerCase("softmax", [.floats(.batch, 2, 4, seed: 2)]) { try $0.softmax($1[0]) }
    ]

  static let matrices: [EagerCase] = [false, true].flatMap { transposeA in
    [false, true].map { transposeB in
      EagerCase(
        "matmul \(transposeA) \(transposeB)",
        [
          transposeA ? .floats(6, .batch, seed: 1) : .floats(.batch, 6, seed: 1),
          transposeB ? .floats(4, 6, seed: 2) : .floats(6, 4, seed: 2),
        ]
      ) { try $0.matmul($1[0], $1[1], transposeA: transposeA, transposeB: transposeB) }
    }
  }

  static let lookups: [EagerCase] = [
    EagerCase(
      "gather", [.floats(4, 2, seed: 1), .ids([3, 0, -1, 3, 2, 0], .batch, 2)]
    ) { try $0.gather($1[0], $1[1]) },
    EagerCase(
      "scatter_add", [.ids([3, 0, -1, 3, 2, 0], .batch, 2), .floats(.batch, 2, 2, seed: 2)]
    ) { try $0.scatterAdd($1[0], $1[1], rows: 4) },
  ]

  static let compositions: [EagerCase] =
    [
      EagerCase(
        "dense", [.floats(.batch, 4, seed: 1), .floats(4, 3, seed: 2), .floats(3, seed: 3)]
      ) { engine, x in
        try engine.tanh(engine.add(engine.matmul(x[0], x[1]), x[2]))
      },
      EagerCase("used twice", [.floats(.batch, 4, seed: 1)]) { engine, x in
        try engine.mul(engine.exp(x[0]), engine.softmax(engine.square(x[0])))
      },
      EagerCase(
        "cross entropy", [.floats(.batch, 1, seed: 1), .floats(.batch, 1, seed: 2, positive: true)]
      ) { engine, x in
        try engine.mean(engine.sub(engine.softplus(x[0]), engine.mul(x[0], x[1])))
      },
    ]
    + EpilogueActivation.allCases.map { activation in
      EagerCase(
        "linear \(activation.rawValue)",
        [.floats(.batch, 4, seed: 1), .floats(4, 2, seed: 2), .floats(2, seed: 3)]
      ) { engine, x in
        let form = LinearForm(hasBias: true, activation: activation)
        return try engine.emitOne(.matrix(.linear(form)), x)
      }
    }
    + EpilogueActivation.allCases.map { activation in
      EagerCase(
        "linear gradient of \(activation.rawValue)",
        [
          .floats(.batch, 4, seed: 1), .floats(2, 4, seed: 2), .floats(.batch, 2, seed: 3),
        ]
      ) { engine, x in
        let form = LinearForm(transposeB: true, gradientOf: activation)
        return try engine.emitOne(.matrix(.linear(form)), x)
      }
    }
}
