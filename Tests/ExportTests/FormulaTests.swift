import Export
import Foundation
import TensorTypes
import TestSupport
import Testing

/// C and ONNX compute what formulas of one number say.
@Suite struct FormulaTests {
  private typealias Known = ScalarFormula.Function

  /// Every function, every combination, and combinations inside of each other.
  private static let formulas: [ScalarFormula] = {
    let x = ScalarFormula.x
    let combined = ScalarFormula.Combination.allCases.flatMap { outer in
      [outer(x, -0.5), outer(0.25, x)]
        + ScalarFormula.Combination.allCases.flatMap { inner in
          [outer(inner(x, 2), x), outer(x, inner(3, x))]
        }
    }
    return Known.allCases.map { $0(x) } + combined + [
      -(-x), -(x + 1) * -x, Known.exp(-x) / -3, x * Known.tanh(Known.softplus(x)),
    ] + UnaryFunction.allCases.map(\.formula)
  }()

  private static let points = (-24...24).map { Float($0) / 8 }

  private func check(_ found: [[Double]]) {
    #expect(found.count == Self.formulas.count)
    for (formula, values) in zip(Self.formulas, found) {
      for (point, value) in zip(Self.points, values) {
        let exact = formula.value(at: Double(point))
        guard exact.isFinite else { continue }
        #expect(abs(value - exact) <= 1e-6 * max(1, abs(exact)), "\(formula) at \(point)")
      }
    }
  }

  @Test(.enabled(if: CCompiler.path != nil, "there is no C compiler")) func inC() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("formulas-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var helpers: Set<CHelper> = []
    let lines = Self.formulas.map { "    printf(\"%.9g \", \($0.c("x", &helpers)));" }
    let sources = CHelper.allCases.filter(helpers.contains).compactMap { CHelper.sources[$0] }
    let source = """
      #include <math.h>
      #include <stdio.h>
      \(sources.joined(separator: "\n"))
      int main(void) {
        for (int i = -24; i <= 24; i++) {
          const float x = (float)i / 8.0f;
      \(lines.joined(separator: "\n"))
          printf("\\n");
        }
        return 0;
      }
      """
    try source.write(toFile: "\(folder)/formulas.c", atomically: true, encoding: .utf8)
    // Formulas may compare x with itself or use it not at all.
    let flags = CCompiler.strict + ["-Wno-double-promotion", "-Wno-tautological-compare"]
    let rows = try CCompiler.run(["formulas.c"], in: folder, flags: flags)
      .split(separator: "\n").map { $0.split(separator: " ").compactMap { Double($0) } }
    #expect(rows.count == Self.points.count)
    check(Self.formulas.indices.map { place in rows.map { $0[place] } })
  }

  @Test func inONNX() throws {
    let names = Self.formulas.indices.map { "f\($0)" }
    var builder = ONNXBuilder(name: "formulas", outputs: names, inputs: ["x"])
    let x = builder.input("x", .float, [.batch], "")
    for (name, formula) in zip(names, Self.formulas) {
      builder.output(name, builder.formula(formula, x), [.batch], "")
    }
    let model = ONNXModel(producer: "test", documentation: "", graph: builder.graph)
    let read = try ReadModel(model.files(tensorFile: "tensors").model)
    let outputs = try ONNXEvaluator(model: read)
      .run(["x": ReadTensor([Self.points.count], Self.points.map(Double.init))])
    check(try names.map { try #require(outputs[$0]).numbers })
  }

  /// A function's formula is what everything else is checked against.
  @Test(arguments: UnaryFunction.allCases) func isTheFunction(_ function: UnaryFunction) {
    for point in Self.points.map(Double.init) {
      let exact = function.reference(point)
      guard exact.isFinite else { continue }
      #expect(abs(function.formula.value(at: point) - exact) <= 1e-12 * max(1, abs(exact)))
    }
  }
}
