import Foundation
import GraphIR
import Runtime
import TensorTypes
import TestSupport
import Testing

/// Each op against its definition, written with indices.
@Suite struct EagerForwardTests {
  @Test(arguments: ElementwiseOp.Unary.allCases)
  func unary(_ kind: ElementwiseOp.Unary) throws {
    let values = [-700, -2.5, -1, -0.25, 0, 1e-3, 0.5, 3, 700]
    let expected = values.map(kind.reference)
    let found = try run { try $0.unary(kind, Self.feed($0, values, .f32(9))) }.floats
    for (x, (a, b)) in zip(values, zip(found, expected)) where !b.isNaN {
      #expect(a == b || abs(a - b) <= 1e-12 * (1 + abs(b)), "\(kind)(\(x)): \(a) ≠ \(b)")
    }
    let extremes = try run { try $0.unary(kind, Self.feed($0, [.nan], .f32(1))) }.floats
    #expect(kind == .step ? extremes == [0] : extremes[0].isNaN)
  }

  @Test(arguments: EagerCase.binary)
  func binary(_ item: EagerCase) throws {
    try item.run(item.arguments) { engine, x, result in
      let (a, b) = (NaiveTensor(x[0]), NaiveTensor(x[1]))
      let expected = NaiveTensor(result.sizes) { index in
        let (p, q) = (a.broadcast(index), b.broadcast(index))
        return switch String(item.name.prefix(3)) {
        case "add": p + q
        case "sub": p - q
        case "mul": p * q
        case "div": p / q
        case "max": Swift.max(p, q)
        default: Swift.min(p, q)
        }
      }
      #expect(expected.isClose(to: result))
      #expect(result.sizes == result.type.shape.sizes(batch: EagerCase.batchSize))
    }
  }

  @Test func comparisonsAndSelect() throws {
    let engine = EagerEngine<Double>(seed: 0)
    engine.beginStep(batchSize: 3, feeds: ["x": .floats([1, 2, 3]), "ids": .ids([4, -1, 0])])
    let x = try engine.input("x", .f32(.batch))
    let two = try engine.constant(2)
    func answers(_ kind: ElementwiseOp.Comparison) throws -> [Double] {
      try engine.compare(kind, x, two).floats
    }
    #expect(try answers(.equal) == [0, 1, 0])
    #expect(try answers(.notEqual) == [1, 0, 1])
    #expect(try answers(.less) == [1, 0, 0])
    #expect(try answers(.lessEqual) == [1, 1, 0])
    #expect(try answers(.greater) == [0, 0, 1])
    #expect(try answers(.greaterEqual) == [0, 1, 1])
    let ids = try engine.input("ids", .i32(.batch))
    let present = try engine.isPresent(ids)
    #expect(present.type == .bool(.batch))
    #expect(try engine.select(present, x, two).floats == [1, 2, 3])
    #expect(try engine.convertToFloat(ids).floats == [4, -1, 0])
    #expect(try engine.max(x, engine.constant(.nan)).floats.allSatisfy(\.isNaN))
    #expect(try engine.min(engine.constant(.nan), x).floats.allSatisfy(\.isNaN))
  }

  @Test func layout() throws {
    let engine = EagerEngine<Double>(seed: 0)
    engine.beginStep(batchSize: 2, feeds: ["x": .floats((0..<24).map(Double.init))])
    let shape = [2, 3, 4]
    let x = try engine.input("x", .f32(.batch, 3, 4))
    let naive = NaiveTensor(x)
    #expect(try engine.reshape(x, [4, .batch, 3]).floats == x.floats)
    let turned = NaiveTensor([4, 2, 3]) { naive[[$0[1], $0[2], $0[0]]] }
    #expect(try turned.isClose(to: engine.transpose(x, [2, 0, 1])))
    let sliced = NaiveTensor([2, 2, 4]) { naive[[$0[0], $0[1] + 1, $0[2]]] }
    let slice = try engine.slice(x, axis: 1, 1..<3)
    #expect(sliced.isClose(to: slice))
    let padded = NaiveTensor([2, 3, 7]) { i in
      (1..<5).contains(i[2]) ? naive[[i[0], i[1], i[2] - 1]] : 0
    }
    #expect(try padded.isClose(to: engine.pad(x, axis: 2, before: 1, after: 2)))
    let joined = NaiveTensor([2, 5, 4]) { i in
      naive[[i[0], i[1] < 2 ? i[1] + 1 : i[1] - 2, i[2]]]
    }
    #expect(try joined.isClose(to: engine.concat([slice, x], axis: 1)))
    let row = try engine.slice(x, axis: 1, 0..<1)
    let spread = NaiveTensor(shape) { naive[[$0[0], 0, $0[2]]] }
    #expect(try spread.isClose(to: engine.broadcast(row, to: [.batch, 3, 4])))
    // Ids move as well.
    let ids = try engine.emitOne(.source(.constant(7, .i32(2))), [])
    let moved = try engine.broadcast(engine.reshape(ids, [2, 1]), to: [2, 2])
    #expect(moved.type == .i32(2, 2) && moved.floats == [7, 7, 7, 7])
  }

  @Test(arguments: EagerCase.reductions.dropLast())
  func reductions(_ item: EagerCase) throws {
    try item.run(item.arguments) { engine, x, result in
      let naive = NaiveTensor(x[0])
      let axes = item.name.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
      let keeps = item.name.hasSuffix("true")
      let expected = NaiveTensor(result.sizes) { index in
        var rest = index[...]
        let place = (0..<3).map { axis -> Int? in
          if !axes.contains(axis) { return rest.removeFirst() }
          if keeps { rest.removeFirst() }
          return nil
        }
        let members = NaiveTensor.indices(naive.sizes).filter { candidate in
          zip(candidate, place).allSatisfy { $1 == nil || $0 == $1 }
        }.map { naive[$0] }
        if item.name.contains("sum") { return members.reduce(0, +) }
        return (item.name.contains("max") ? members.max() : members.min()) ?? 0
      }
      #expect(expected.isClose(to: result))
    }
  }

  @Test func softmax() throws {
    let found = try run { try $0.softmax(Self.feed($0, [1, 2, 3, 1000, 1000, -1000], .f32(2, 3))) }
    let total = exp(-2.0) + exp(-1.0) + 1
    let expected = NaiveTensor([2, 3]) { i in
      i[0] == 0 ? exp(Double(i[1]) - 2) / total : [0.5, 0.5, 0][i[1]]
    }
    #expect(expected.isClose(to: found))
  }

  @Test(arguments: [false, true], [false, true])
  func matmul(_ transposeA: Bool, _ transposeB: Bool) throws {
    let (m, k, n) = (5, 7, 9)
    let engine = EagerEngine<Double>(seed: 5)
    engine.beginStep(batchSize: 1)
    func matrix(_ rows: Int, _ columns: Int, _ turned: Bool) throws -> EagerTensor<Double> {
      try engine.random(
        turned ? [.fixed(columns), .fixed(rows)] : [.fixed(rows), .fixed(columns)])
    }
    let (a, b) = (try matrix(m, k, transposeA), try matrix(k, n, transposeB))
    let (left, right) = (NaiveTensor(a), NaiveTensor(b))
    let expected = NaiveTensor([m, n]) { i in
      (0..<k).map { p in
        left[transposeA ? [p, i[0]] : [i[0], p]] * right[transposeB ? [i[1], p] : [p, i[1]]]
      }.reduce(0, +)
    }
    let found = try engine.matmul(a, b, transposeA: transposeA, transposeB: transposeB)
    #expect(expected.isClose(to: found))
  }

  @Test func lookups() throws {
    let engine = EagerEngine<Double>(seed: 0)
    engine.beginStep(batchSize: 3, feeds: ["ids": .ids([2, -1, 2]), "wrong": .ids([0, 3, 0])])
    let ids = try engine.input("ids", .i32(.batch))
    let table = try Self.feed(engine, [1, 2, 3, 4, 5, 6], .f32(3, 2))
    let rows = try engine.gather(table, ids)
    #expect(rows.type == .f32(.batch, 2))
    #expect(rows.floats == [5, 6, 0, 0, 5, 6])
    #expect(try engine.scatterAdd(ids, rows, rows: 3).floats == [0, 0, 0, 0, 10, 12])
    #expect(try engine.oneHot(ids, depth: 3).floats == [0, 0, 1, 0, 0, 0, 0, 0, 1])
    let wrong = try engine.input("wrong", .i32(.batch))
    #expect(throws: EagerError.idOutOfRange(op: "gather", id: 3, rows: 3)) {
      try engine.gather(table, wrong)
    }
  }

  @Test func emptyBatch() throws {
    let engine = EagerEngine<Double>(seed: 0)
    engine.beginStep(batchSize: 0, feeds: ["x": .floats([]), "ids": .ids([])])
    let x = try engine.input("x", .f32(.batch, 3))
    let weights = try engine.constant(1, .f32(3, 2))
    let y = try engine.softmax(engine.matmul(x, weights))
    let loss = try engine.sum(engine.square(y))
    #expect(loss.floats == [0])
    let table = try engine.constant(1, .f32(4, 2))
    let rows = try engine.gather(table, engine.input("ids", .i32(.batch)))
    let padded = try engine.pad(engine.concat([y, rows], axis: 1), axis: 1, before: 1, after: 1)
    #expect(padded.type == .f32(.batch, 6) && padded.floats.isEmpty)
    let gradient = try engine.gradients(of: loss, withRespectTo: [weights])[0]
    #expect(gradient.floats == [0, 0, 0, 0, 0, 0])
  }

  /// A tensor of these values: a parameter that is set before it is read.
  private static func feed(
    _ engine: EagerEngine<Double>, _ values: [Double], _ type: TensorType
  ) throws -> EagerTensor<Double> {
    let id = ParameterID("x\(engine.parameterIDs.count)")
    let parameter = Parameter(id, type, .constant(0))
    try engine.declare(parameter)
    try engine.setValues(of: id, values)
    return try engine.parameter(parameter)
  }

  private func run(
    _ body: (EagerEngine<Double>) throws -> EagerTensor<Double>
  ) throws -> EagerTensor<Double> {
    let engine = EagerEngine<Double>(seed: 0)
    engine.beginStep(batchSize: 1)
    return try body(engine)
  }
}
