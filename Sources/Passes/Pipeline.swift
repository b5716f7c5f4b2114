import GraphIR
import Schema

/// Passes in the order in which they run. The graph is verified before the first and after each,
/// a large one while the next pass runs.
public struct Pipeline: Sendable {
  /// One run of a pass. A pass that runs several times is called `simplify`, `simplify.2`, ….
  public struct Step: Sendable {
    public let name: String
    public let pass: any Pass
  }

  /// Called after each pass with the step's name, the graph that it left and how long it took,
  /// verification not counted.
  public typealias Observer = (_ name: String, _ graph: Graph, _ seconds: Double) throws -> Void

  public private(set) var steps: [Step]

  public init(_ passes: [any Pass]) {
    var runs: [String: Int] = [:]
    steps = passes.map { pass in
      let run = runs[pass.name, default: 0] + 1
      runs[pass.name] = run
      return Step(name: run == 1 ? pass.name : "\(pass.name).\(run)", pass: pass)
    }
  }

  /// The names that `disabling` and `stopping` take, without repetition, in order.
  public var passNames: [String] {
    var seen: Set<String> = []
    return steps.map(\.pass.name).filter { seen.insert($0).inserted }
  }

  /// The pipeline without all runs of these passes.
  /// - Throws: `PassNameError` for a name it does not have, or of a pass that must run.
  public func disabling(_ names: Set<String>) throws -> Pipeline {
    let known = passNames
    for name in names.sorted() {
      guard known.contains(name) else { throw Self.unknown(name, known) }
      guard !steps.contains(where: { $0.pass.name == name && $0.pass.isRequired }) else {
        throw Self.required(name)
      }
    }
    var result = self
    result.steps.removeAll { names.contains($0.pass.name) }
    return result
  }

  /// The pipeline up to and with a step: the last run of the pass of that name, or the one that a
  /// name such as `simplify.2` gives.
  /// - Throws: `PassNameError` for a name it does not have.
  public func stopping(after name: String) throws -> Pipeline {
    let last = steps.lastIndex { $0.pass.name == name } ?? -1
    let index = name.contains(".") ? steps.firstIndex { $0.name == name } ?? -1 : last
    guard index >= 0 else { throw Self.unknown(name, passNames) }
    var result = self
    result.steps.removeSubrange((index + 1)...)
    return result
  }

  /// Checks a name for printing: a pass, or one run of it.
  /// - Throws: `PassNameError` for a name the pipeline does not have.
  public func require(_ name: String) throws {
    guard steps.contains(where: { $0.name == name || $0.pass.name == name }) else {
      throw Self.unknown(name, passNames)
    }
  }

  /// Runs the passes.
  /// - Throws: `PassError` that names the pass; what the observer throws.
  public func run(_ graph: Graph, observer: Observer? = nil) throws -> Graph {
    do { try graph.requireValid() } catch { throw PassError(pass: "input", underlying: error) }
    let clock = ContinuousClock()
    let check = DeferredCheck()
    var graph = graph
    for step in steps {
      let (start, before) = (clock.now, graph)
      graph = try check.beside {
        do {
          return try step.pass.run(before)
        } catch {
          throw PassError(pass: step.name, underlying: error)
        }
      }
      let seconds = (clock.now - start).seconds
      // A graph that the pass left as it was is known to be valid.
      if graph != before {
        let isSmall = graph.nodes.count < Self.worthThread
        try check.begin(isSmall: isSmall) { [graph, name = step.name] in
          do { try graph.requireValid() } catch { throw PassError(pass: name, underlying: error) }
        }
      }
      try observer?(step.name, graph, seconds)
    }
    try check.finish()
    return graph
  }

  /// The nodes of a graph whose verification takes longer than a thread to start.
  private static let worthThread = 2000

  static func required(_ name: String) -> PassNameError {
    PassNameError(name: name, message: "must run, and cannot be disabled")
  }

  static func unknown(_ name: String, _ known: [String]) -> PassNameError {
    let nearest = NearestName.nearest(name, in: known).map { "did you mean \"\($0)\"? The" }
    return PassNameError(
      name: name,
      message: known.isEmpty
        ? "the pipeline has no passes"
        : "there is no such pass; \(nearest ?? "the") passes are "
          + known.joined(separator: ", "))
  }
}
