import Foundation
import TensorTypes
import Testing

@Suite struct ScalarFormulaTests {
  /// Number in plan files, never negative, kink, rounded, weight.
  private struct Facts: Equatable {
    var code: UInt8
    var isNeverNegative, hasKink, isRounded: Bool
    var weight: Int

    init(_ code: UInt8, _ flags: String, _ weight: Int) {
      self.code = code
      isNeverNegative = flags.contains("+")
      hasKink = flags.contains("^")
      isRounded = flags.contains("~")
      self.weight = weight
    }

    init(_ function: UnaryFunction) {
      code = function.code
      isNeverNegative = function.isNeverNegative
      hasKink = function.hasKink
      isRounded = function.formula.isRounded
      weight = function.formula.weight
    }
  }

  /// With the value at −1.75 and at 0.375.
  private let facts: [(UnaryFunction, Facts, Double, Double)] = [
    (.neg, Facts(3, "", 1), 1.75, -0.375),
    (.exp, Facts(6, "+~", 15), Foundation.exp(-1.75), Foundation.exp(0.375)),
    (.log, Facts(7, "~", 15), .nan, Foundation.log(0.375)),
    (.log1p, Facts(8, "~", 15), .nan, Foundation.log(1.375)),
    (.sqrt, Facts(9, "~", 4), .nan, 0.375.squareRoot()),
    (.rsqrt, Facts(10, "~", 8), .nan, 1 / 0.375.squareRoot()),
    (.reciprocal, Facts(11, "~", 4), -1 / 1.75, 1 / 0.375),
    (.square, Facts(12, "+~", 1), 3.0625, 0.140625),
    (.abs, Facts(4, "+^", 1), 1.75, 0.375),
    (.sign, Facts(5, "^", 1), -1, 1),
    (.relu, Facts(13, "+^", 1), 0, 0.375),
    (.step, Facts(14, "+^", 1), 0, 1),
    (
      .sigmoid, Facts(15, "+~", 15), 1 / (1 + Foundation.exp(1.75)),
      1 / (1 + Foundation.exp(-0.375))
    ),
    (.tanh, Facts(16, "~", 15), Foundation.tanh(-1.75), Foundation.tanh(0.375)),
    (
      .softplus, Facts(17, "+~", 15), Foundation.log(1 + Foundation.exp(-1.75)),
      Foundation.log(1 + Foundation.exp(0.375))
    ),
    (.sin, Facts(43, "~", 15), Foundation.sin(-1.75), Foundation.sin(0.375)),
    (.cos, Facts(44, "~", 15), Foundation.cos(-1.75), Foundation.cos(0.375)),
  ]

  private func agrees(_ a: Double, _ b: Double) -> Bool {
    a.isNaN && b.isNaN || abs(a - b) <= 1e-15 * max(1, abs(b))
  }

  @Test func everyUnaryFunction() {
    #expect(facts.map(\.0) == UnaryFunction.allCases)
    for (function, expected, negative, positive) in facts {
      #expect(Facts(function) == expected, "\(function)")
      #expect(agrees(function.formula.value(at: -1.75), negative), "\(function)")
      #expect(agrees(function.formula.value(at: 0.375), positive), "\(function)")
    }
    for function in [UnaryFunction.sign, .relu, .step, .abs, .square] {
      #expect(function.formula.value(at: 0) == 0, "\(function)")
    }
  }

  @Test func everyFunctionOfTheLibrary() {
    typealias Function = ScalarFormula.Function
    let expected: [Function: (Double) -> Double] = [
      .neg: { -$0 }, .abs: { abs($0) }, .sign: { $0 < 0 ? -1 : $0 == 0 ? 0 : 1 },
      .relu: { $0 < 0 ? 0 : $0 }, .sigmoid: { 1 / (1 + Foundation.exp(-$0)) },
      .softplus: { Foundation.log(1 + Foundation.exp($0)) }, .exp: { Foundation.exp($0) },
      .expm1: { Foundation.exp($0) - 1 }, .log: { Foundation.log($0) },
      .log1p: { Foundation.log(1 + $0) }, .sqrt: { Foundation.sqrt($0) },
      .sin: { Foundation.sin($0) }, .cos: { Foundation.cos($0) }, .tan: { Foundation.tan($0) },
      .asin: { Foundation.asin($0) }, .acos: { Foundation.acos($0) },
      .atan: { Foundation.atan($0) },
      .sinh: { (Foundation.exp($0) - Foundation.exp(-$0)) / 2 },
      .cosh: { (Foundation.exp($0) + Foundation.exp(-$0)) / 2 },
      .tanh: { 1 - 2 / (Foundation.exp(2 * $0) + 1) },
      .asinh: { Foundation.log($0 + Foundation.sqrt($0 * $0 + 1)) },
      .acosh: { Foundation.log($0 + Foundation.sqrt($0 * $0 - 1)) },
      .atanh: { Foundation.log((1 + $0) / (1 - $0)) / 2 }, .erf: { Foundation.erf($0) },
      .floor: { Foundation.floor($0) }, .ceil: { Foundation.ceil($0) },
    ]
    #expect(expected.count == Function.allCases.count)
    let exact: Set<Function> = [.neg, .abs, .sign, .relu, .floor, .ceil]
    for function in Function.allCases {
      for x in [-1.5, -0.25, 0, 0.375, 2.5] {
        let value = function(.x).value(at: x)
        let wanted = expected[function]?(x) ?? .infinity
        #expect(
          value == wanted || value.isNaN && wanted.isNaN || abs(value - wanted) < 1e-14,
          "\(function) at \(x): \(value), expected \(wanted)")
      }
      #expect(function(.x).isRounded == !exact.contains(function), "\(function)")
      #expect(function(.x).weight == (exact.contains(function) ? 1 : function == .sqrt ? 4 : 15))
      #expect(function(function(.x)).weight == 2 * function(.x).weight)
    }
    #expect(Function.softplus(.x).value(at: 800) == 800)
    #expect(Function.softplus(.x).value(at: -800) == 0)
    #expect(Function.floor(ScalarFormula.call(.exp, .x)).isRounded)
  }

  @Test func combinations() {
    typealias Both = ScalarFormula.Combination
    let x = ScalarFormula.x
    let values: [(Both, Double, Double)] = [
      (.sum, 7.5, -0.5), (.difference, -2.5, 5.5), (.product, 12.5, -7.5),
      (.quotient, 0.5, -2.5 / 3), (.largest, 5, 2.5), (.smallest, 2.5, -3), (.isGreater, 0, 1),
    ]
    #expect(values.map(\.0) == Both.allCases)
    for (combination, withFive, withMinusThree) in values {
      #expect(combination(x, 5).value(at: 2.5) == withFive, "\(combination)")
      #expect(combination(x, -3).value(at: 2.5) == withMinusThree, "\(combination)")
      let chooses = [.largest, .smallest, .isGreater].contains(combination)
      #expect(combination(x, 5).isRounded == !chooses, "\(combination)")
      #expect(combination(.call(.exp, x), 5).isRounded, "\(combination)")
      #expect(combination(5, .call(.exp, x)).isRounded, "\(combination)")
      #expect(
        combination(.call(.neg, x), .call(.sqrt, x)).weight
          == (combination == .quotient ? 9 : 6), "\(combination)")
    }
    #expect(Both.isGreater(x, 2).value(at: 2) == 0)
    #expect((-x + 2 * x - x / 4).value(at: 6) == 4.5)
    #expect((1.5 - x).value(at: 1) == 0.5)
  }
}
