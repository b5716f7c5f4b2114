import GraphIR
import TensorTypes
import TestSupport
import Testing

/// Every gradient rule against central differences in Double, first and second derivatives.
@Suite struct GradientCheckTests {
  @Test func everyRuleAgreesWithDifferences() throws {
    var visited: Set<OpName> = []
    for opCase in OpSuite.cases {
      let name = OpName(opCase.op)
      visited.insert(name)
      // Those have tests of their own below: differences cannot see what they do.
      if [.update, .assign, .stopGradient].contains(name) || opCase.hasTies
        || opCase.derivatives == 0
      {
        continue
      }
      let failures = try GradientCheck.failures(of: opCase)
      #expect(failures.isEmpty, "\(opCase):\n\(failures.joined(separator: "\n"))")
    }
    let missed = OpName.all.subtracting(visited)
    #expect(missed.isEmpty, "ops without a gradient check")
  }
}
