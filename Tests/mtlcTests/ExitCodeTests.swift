import Experiments
import Testing
import mtlc

@Suite struct ExitCodeTests {
  /// `ExperimentErrorTests` has the kind of every error.
  @Test func everyKindOfErrorHasItsCode() {
    let codes: [ExperimentError.Kind: ExitCode] = [
      .internalError: .internalError, .argument: .usage, .spec: .spec, .data: .data,
      .numeric: .numeric, .plan: .plan, .output: .output, .memory: .memory,
      .interrupted: .interrupted,
    ]
    for kind in ExperimentError.Kind.allCases { #expect(ExitCode(kind) == codes[kind]) }
    #expect(Set(codes.values.map(\.rawValue)) == Set(1...9))
  }
}
