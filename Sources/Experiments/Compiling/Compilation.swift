import Data
import GraphIR
import ModelDefs
import Passes
import Plan
import Schema

extension ProgramPurpose {
  /// What the plan calls the program, and which passes it goes through. A model that learns from
  /// episodes hands the gradient of one out.
  func program(_ learning: Learning) -> (kind: Program.Kind, purpose: Pipeline.Purpose) {
    switch (self, learning) {
    case (.train, .rows): (.train, .train)
    case (.train, .groups), (.train, .images): (.gradients, .gradients)
    case (.predict, _): (.predict, .predict)
    }
  }
}

/// What to compile, and which stages on the way to hand out as text.
public struct CompileRequest: Sendable {
  public enum Stage: String, Sendable, Hashable, CaseIterable {
    /// As the model emits it.
    case graph
    /// With its backward pass.
    case gradients
    /// After all passes.
    case optimized
    /// Instructions and memory.
    case plan
  }

  /// The program that the stages and passes below are about; nil for what is trained, and all programs
  /// of the stage `plan`.
  public var program: ProgramPurpose?
  /// A stage to print.
  public var stage: Stage?
  /// Passes after each run of which the graph, or the program, is printed.
  public var printAfter: Set<String> = []
  /// The pass after whose last run to stop and print the graph; there is no plan then.
  public var stopAfter: String?
  /// Passes to leave out.
  public var disabled: Set<String> = []
  /// Whether there is to be a plan even where printing the stage needs none.
  public var needsPlan = true

  public init() {}

  /// Every name that `disabled` takes.
  public static func passNames() throws(ExperimentError) -> [String] {
    try ExperimentError.wrap { try Compiler.passNames() }
  }

  /// Refuses names of passes that there are not, or that must run.
  public func check() throws(ExperimentError) {
    try ExperimentError.wrap { _ = try pipeline(.rows) }
  }

  fileprivate func pipeline(_ learning: Learning) throws -> Pipeline {
    let all = try Pipeline.standard((program ?? .train).program(learning).purpose)
    try Compiler.requirePasses(disabled)
    let pipeline = try all.disabling(disabled.intersection(all.passNames))
    for name in printAfter where !Compiler.instructionPasses.contains(name) {
      try pipeline.require(name)
    }
    if let stopAfter { _ = try pipeline.stopping(after: stopAfter) }
    return pipeline
  }

  fileprivate func prints(after pass: String) -> Bool {
    let base = pass.split(separator: ".").first.map(String.init) ?? pass
    return printAfter.contains(pass) || printAfter.contains(base)
  }
}

/// The results of a `CompileRequest`.
public struct Compilation: Sendable {
  /// The graphs and listings that were asked for, in the order of the stages.
  public fileprivate(set) var texts: [String] = []
  /// Nil where the request stopped before there was one.
  public fileprivate(set) var plan: CompiledPlan?
}

extension Experiment {
  /// Learns vocabularies and normalisers from the training files, builds the model and compiles it.
  public func compile(
    disabling passes: Set<String> = [], observer: any Observer = .silent
  ) throws(ExperimentError) -> CompiledPlan {
    try ExperimentError.wrap {
      try Compiler.requirePasses(passes)
      return CompiledPlan(
        try compiler.compile(
          trainingFiles(observer), options: Compiler.Options(disabled: passes)
        ).plan)
    }
  }

  /// As above, with stages on the way as text.
  public func compile(
    _ request: CompileRequest, observer: any Observer = .silent
  ) throws(ExperimentError) -> Compilation {
    try ExperimentError.wrap {
      let pipeline = try request.pipeline(spec.learning)
      return try compile(request, pipeline, trainingFiles(observer))
    }
  }

  private func compile(
    _ request: CompileRequest, _ pipeline: Pipeline, _ files: TrainingFiles
  ) throws -> Compilation {
    var result = Compilation()
    let name = request.program ?? .train
    func print(after pass: String, _ stage: Compiler.Stage) {
      if request.prints(after: pass) { result.texts.append("# after \(pass)\n\(stage.text)") }
    }
    let source = try compiler.graph(name, files.shape)
    if request.stage == .graph {
      result.texts.append(source.text)
      if !request.needsPlan { return result }
    }
    let all =
      name == .train
      ? try pipeline.training(as: spec.training, source) : pipeline
    if let stop = request.stopAfter {
      let last = try all.stopping(after: stop).run(source) { pass, graph, _ in
        print(after: pass, .graph(graph))
      }
      result.texts.append(last.text)
      return result
    }
    if request.stage == .gradients {
      let last = name == .train ? "differentiate" : "drop_stop_gradient"
      result.texts.append(try all.stopping(after: last).run(source).text)
      if !request.needsPlan { return result }
    }
    let kind = name.program(spec.learning).kind
    // Programs are compiled side by side where nobody watches.
    let observer: Compiler.Observer? =
      request.printAfter.isEmpty
      ? nil : { program, pass, stage in if program == kind { print(after: pass, stage) } }
    let compiled = try compiler.compile(
      files, options: Compiler.Options(disabled: request.disabled), observer: observer)
    if request.stage == .optimized,
      let report = compiled.reports.first(where: { $0.kind == kind })
    {
      result.texts.append(report.optimized.text)
    }
    let plan = CompiledPlan(compiled.plan)
    if request.stage == .plan {
      let program = request.program == nil ? nil : compiled.plan.program(kind)
      result.texts.append(program?.text ?? plan.listing)
    }
    result.plan = plan
    return result
  }
}
