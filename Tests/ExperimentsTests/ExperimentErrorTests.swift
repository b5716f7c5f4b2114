import Data
import Experiments
import ModelDefs
import Passes
import Plan
import Runtime
import Testing

@Suite struct ExperimentErrorTests {
  @Test func everyErrorHasItsKind() {
    struct Stranger: Error {}
    let cases: [(any Error, ExperimentError.Kind)] = [
      (SpecError([]), .spec), (ModelError("m"), .spec),
      (EarlyStoppingError.noValidation, .spec), (DataError("d"), .data),
      (FeedError.missing("f"), .data), (FileError(path: "p", message: "m"), .output),
      (PlanError.notAPlan, .plan), (SessionError.noFeed("f"), .plan),
      (NumericError(task: nil, observation: "o", step: 1, epoch: 1, origin: nil), .numeric),
      (PassNameError(name: "p", message: "m"), .argument),
      (PassError(pass: "p", underlying: Stranger()), .internalError),
      (LoweringError("l"), .internalError), (Stranger(), .internalError),
      (ExperimentError(.memory, "m"), .memory),
    ]
    for (error, kind) in cases { #expect(ExperimentError(error).kind == kind, "\(error)") }
    #expect(ExperimentError(.data, "message", hint: "hint").description == "message — hint")
  }
}
