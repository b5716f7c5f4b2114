/// What a training run moves, whatever it learns from: parameters, and the state of their optimizer.
package protocol ParameterEngine: AnyObject {
  /// Training steps done so far.
  var step: Int { get }
  /// The size of the optimizer's steps from the next one on.
  var learningRate: Double { get set }

  /// In the order of their declaration.
  var parameterNames: [String] { get }
  /// A parameter's values, row-major in its declared shape.
  func parameter(_ name: String) throws -> [Float]
  /// Replaces a parameter's values.
  func setParameter(_ name: String, _ values: [Float]) throws
  /// Runs the body with a parameter's values in place, row-major with `stride` floats from one row to
  /// the next.
  func withParameter(
    _ name: String, _ body: (_ values: UnsafeMutablePointer<Float>, _ stride: Int) -> Void) throws
  /// The first parameter that holds a value that is not finite.
  func nonFiniteParameter() throws -> String?

  /// The parameters alone, whatever their size, one after the other as the engine holds them; those
  /// that training does not move by gradients included.
  func copyParameters() -> [Float]
  /// Goes back to those values; steps and optimizer states stay.
  func restoreParameters(_ values: [Float]) throws
  /// Moves an average of parameters towards those of now, element by element:
  /// a += share · (p − a).
  /// - Parameter average: As `copyParameters` gives them.
  func average(into average: inout [Float], share: Float)
  /// Comes back to the state of now, all that a step changes; nil when that is too much to keep a copy
  /// of.
  func wayBack() -> (() throws -> Void)?
}

extension ParameterEngine {
  package func average(into average: inout [Float], share: Float) {
    for (k, value) in copyParameters().enumerated() where k < average.count {
      average[k] += share * (value - average[k])
    }
  }

  /// The values of every parameter by name.
  package func parameters() throws -> [String: [Float]] {
    var values: [String: [Float]] = [:]
    for name in parameterNames { values[name] = try parameter(name) }
    return values
  }
}
