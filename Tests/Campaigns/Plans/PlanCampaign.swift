import Experiments
import Foundation
import Plan
import Runtime
import TestSupport

/// Plans with changed fields and a right checksum: each is refused with a message, or all that can be
/// done with a plan ends in a result or an error.
struct PlanCampaign: Campaign {
  static let name = "plans"
  static let summary = "plans of every kind with changed fields: refused, or run without harm"
  /// Plans that need more than `PlanConsumers.largestPlan` are not run; a plan that then takes more
  /// than this needs more than it says.
  static let limits = CaseLimits(seconds: 5, memory: 1_536)

  /// Each several times, the more often the smaller it is: large plans take most of the time and
  /// have little that small ones do not have.
  private let documents: [PlanDocument]
  private let mutator: PlanMutator
  private let consumers: PlanConsumers

  init(folder: String) throws {
    let grammar = try FormatGrammar(page: FormatGrammar.page())
    let subjects = try PlanSubjects(folder: folder)
    let all = try subjects.plans.map { try PlanDocument($0.name, $0.bytes, grammar) }
    documents = all.flatMap {
      [PlanDocument](repeating: $0, count: max(8, 200_000 / $0.count) * ($0.count < 5_000 ? 2 : 1))
    }
    mutator = PlanMutator(grammar, all)
    let own = "\(folder)/plans-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    consumers = PlanConsumers(rows: subjects.rows, folder: own)
  }

  func run(_ test: inout Case) throws -> String {
    let document = test.random.pick(documents)
    let bytes = mutator.mutate(document, &test)
    let plan: Plan
    do {
      plan = try Plan(decoding: bytes)
    } catch {
      test.note("\(error)")
      if case .invalid = error { return "refused: invalid" }
      return "refused: damaged"
    }
    guard plan.memoryBytes <= PlanConsumers.largestPlan else { return "refused: memory" }
    return try consumers.use(plan, &test)
  }
}
