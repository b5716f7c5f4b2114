import Foundation
import GraphIR
import ModelDefs
import Runtime
import TensorTypes
import Testing

/// The loss of a product of probabilities, p = Π σ(z_i), against a formula in which no product
/// appears: 1/p = Π (1 + e^(−z_i)) is a sum over all sets of factors, so that
/// (1 − p)/p = Σ over all sets but the empty one of exp(−Σ z of the set).
@Suite struct ProductLossTests {
  static let logits: [[Double]] = [
    [0, 0], [0.5, -1], [-60, -60], [40, 40], [300, 1], [1, 300], [-300, 300], [300, -300],
    [500, 700], [-700, -2], [0, -400], [-22, -0.5], [2, 3, 4], [600, 0.25, 600], [300, 300, -5],
    [90, -90, 0],
  ]

  private static func logSum(_ terms: [Double]) -> Double {
    let top = terms.max() ?? 0
    return top + log(terms.reduce(0) { $0 + exp($1 - top) })
  }

  /// −ln p for label 1, −ln(1 − p) for label 0.
  private static func expected(_ z: [Double], _ y: Double) -> Double {
    let subsets = (0..<1 << z.count).map { set in
      -z.indices.reduce(0.0) { set >> $1 & 1 == 1 ? $0 + z[$1] : $0 }
    }
    let logInverse = logSum(subsets)
    return y == 1 ? logInverse : logInverse - logSum(Array(subsets.dropFirst()))
  }

  private func run<Scalar: EagerScalar>(
    _ z: [Double], _ y: Double, _ type: Scalar.Type
  ) throws -> (loss: Double, gradient: [Double]) {
    let engine = EagerEngine<Scalar>(seed: 1)
    var feeds: [InputID: EagerStorage<Scalar>] = ["y": .floats([Scalar(y)])]
    for (k, value) in z.enumerated() { feeds[InputID("z\(k)")] = .floats([Scalar(value)]) }
    engine.beginStep(batchSize: 1, feeds: feeds)
    let inputs = try z.indices.map { try engine.input(InputID("z\($0)"), .f32(.batch, 1)) }
    var product: ProbabilityProduct<EagerTensor<Scalar>>?
    for input in inputs { product = try engine.product(product, logit: input) }
    let loss = try engine.binaryCrossEntropy(
      #require(product), label: engine.input("y", .f32(.batch, 1)))
    let gradients = try engine.gradients(of: loss, withRespectTo: inputs)
    return (Double(loss.floats[0]), gradients.map { Double($0.floats[0]) })
  }

  /// Rounding of a logit of several hundred is allowed where the loss is of its size.
  @Test(arguments: logits, [0.0, 1.0])
  func isExact(z: [Double], y: Double) throws {
    let expected = Self.expected(z, y)
    // The formula subtracts numbers of the size of the logits.
    let exact = try run(z, y, Double.self)
    #expect(abs(exact.loss - expected) <= 1e-12 * max(1, z.map(abs).max() ?? 0))
    let single = try run(z, y, Float.self)
    #expect(abs(single.loss - exact.loss) <= 4e-7 * max(abs(exact.loss), 0.1))
    for (k, gradient) in exact.gradient.enumerated() {
      let step = 1e-4
      var (above, below) = (z, z)
      above[k] += step
      below[k] -= step
      let difference = (try run(above, y, Double.self).loss - run(below, y, Double.self).loss)
      #expect(abs(gradient - difference / (2 * step)) <= 1e-6, "z[\(k)]")
      #expect(abs(single.gradient[k] - gradient) <= 1e-6, "z[\(k)]")
    }
  }

  /// A row that is surely wrong pulls with its whole weight, however sure it is.
  @Test(arguments: [20.0, 60, 200, 700])
  func aWrongRowHasAGradient(z: Double) throws {
    let (loss, gradient) = try run([z, z], 0, Float.self)
    #expect(abs(loss - (z - log(2))) <= 1e-6 * z)
    #expect(gradient.allSatisfy { abs($0 - 0.5) <= 1e-6 })
  }

  /// Where both ways of not happening are equally likely, the derivative is the mean of both.
  @Test func tiesAreSmooth() throws {
    let (loss, gradient) = try run([0, -400], 0, Double.self)
    #expect(abs(loss) <= 1e-12)
    #expect(gradient.allSatisfy { abs($0) <= 1e-12 })
    let engine = EagerEngine<Double>(seed: 1)
    engine.beginStep(batchSize: 1, feeds: ["a": .floats([-2]), "b": .floats([-2])])
    let (a, b) = (try engine.input("a", .f32(.batch)), try engine.input("b", .f32(.batch)))
    let sum = try engine.logAddExp(a, b)
    #expect(abs(sum.floats[0] - (log(2) - 2)) <= 1e-12)
    let gradients = try engine.gradients(of: sum, withRespectTo: [a, b]).map { $0.floats[0] }
    #expect(gradients == [0.5, 0.5])
  }
}
