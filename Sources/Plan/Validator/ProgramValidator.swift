import Schema
import TensorTypes

/// Checks one program of a plan whose parameter block and schema are sound.
struct ProgramValidator {
  let program: Program
  let parameters: [ParameterRecord]
  let parameterFloats: Int
  /// Whether the plan has a rule for parameters that are updated by rows.
  let stepsRows: Bool
  /// What programs are fed, by name.
  let feeds: [String: FeedLayout.Feed]
  /// Whether another program of the plan updates the parameters.
  let isUpdatedApart: Bool
  /// Whether the plan has no schema, as one of a graph that was built by hand.
  let declaresFeeds: Bool
  var collected: [PlanFinding] = []
  /// The instruction that is being checked, and its name in front of what is reported.
  var current: Int?
  var prefix = ""
  /// For each instruction what it touches.
  var accesses: [[Access]] = []
  /// Instructions that have been found sound on the same buffers.
  private var checked = CheckedInstructions()

  /// An operand with the elements that it takes up.
  struct Access {
    var buffer: BufferID
    var region: Region
    var use: Operand.Use
    /// The elements that it walks over, repeated ones included.
    var walked: Int
  }

  init(_ program: Program, of plan: Plan) {
    var feeds = plan.schema.feeds.feeds
    if let episodes = plan.episodes {
      // The feeds of a task, and the gradients that move the parameters.
      feeds += episodes.feeds(plan.schema)
      feeds += plan.parameters.map {
        FeedLayout.Feed(
          name: EpisodeName.gradient($0.name), width: $0.rows * $0.columns,
          isInteger: false)
      }
    }
    if program.kind == .update { feeds += plan.program(.train)?.rowGradients ?? [] }
    self.init(
      program, plan.parameters, floats: plan.parameterFloats,
      stepsRows: plan.training.optimizer.sparse != nil,
      isUpdatedApart: plan.program(.update) != nil, feeds: feeds,
      declaresFeeds: plan.episodes == nil && plan.schema.features.isEmpty
        && plan.schema.labels.isEmpty)
  }

  fileprivate init(
    _ program: Program, _ parameters: [ParameterRecord], floats: Int, stepsRows: Bool,
    isUpdatedApart: Bool = false, feeds: [FeedLayout.Feed] = [], declaresFeeds: Bool = false
  ) {
    self.program = program
    self.parameters = parameters
    parameterFloats = floats
    self.stepsRows = stepsRows
    self.isUpdatedApart = isUpdatedApart
    self.feeds = Dictionary(feeds.map { ($0.name, $0) }) { first, _ in first }
    self.declaresFeeds = declaresFeeds
  }

  func findings() -> [PlanFinding] {
    var validator = self
    validator.run()
    return validator.collected
  }

  fileprivate func instructionFindings(_ checked: inout CheckedInstructions) -> [PlanFinding] {
    var validator = self
    validator.checkSizes()
    validator.checkBuffers()
    guard validator.collected.isEmpty else { return validator.collected }
    validator.checked = checked
    validator.checkInstructions()
    guard validator.collected.isEmpty else { return validator.collected }
    checked.accesses = Dictionary(
      zip(program.instructions, validator.accesses), uniquingKeysWith: { first, _ in first })
    validator.checkOrder()
    return validator.collected
  }

  mutating func report(_ message: String) {
    guard collected.count < PlanValidator.maximumFindings else { return }
    collected.append(
      PlanFinding(program: program.kind, instruction: current, message: prefix + message))
  }

  private mutating func run() {
    checkSizes()
    guard collected.isEmpty else { return }
    checkBuffers()
    guard collected.isEmpty else { return }
    checkFeeds()
    guard collected.isEmpty else { return }
    checkInstructions()
    checkFetches()
    guard collected.isEmpty else { return }
    checkLifetimes()
    checkOrder()
  }

  private mutating func checkInstructions() {
    accesses.reserveCapacity(program.instructions.count)
    for (index, instruction) in program.instructions.enumerated() {
      if let known = checked.accesses[instruction] {
        accesses.append(known)
      } else {
        check(instruction, index)
      }
    }
  }

  private mutating func checkSizes() {
    if !(1...PlanValidator.maximumRows).contains(program.batchCapacity) {
      report("a batch capacity of \(program.batchCapacity) rows")
    }
    if !(0...PlanValidator.maximumElements).contains(program.arenaFloats) {
      report("an arena of \(program.arenaFloats) floats")
    }
    let rises = zip(program.levels, program.levels.dropFirst()).allSatisfy { $0 < $1 }
    let inside = program.levels.allSatisfy(program.instructions.indices.contains)
    let starts = program.instructions.isEmpty || program.levels.first == 0
    if !rises || !inside || !starts { report("its levels do not rise from 0") }
  }

  private mutating func checkBuffers() {
    for (index, buffer) in program.buffers.enumerated() {
      var name: String {
        "buffer &\(index)" + (buffer.label.isEmpty ? "" : " (\(buffer.label))")
      }
      let limit =
        switch buffer.space {
        case .arena: program.arenaFloats
        case .parameters, .gradients: parameterFloats
        case .feeds: PlanValidator.maximumElements
        }
      let (end, overflow) = buffer.offset.addingReportingOverflow(buffer.count)
      if buffer.offset < 0 || buffer.count < 0 || overflow || end > limit {
        report("\(name) does not lie inside the \(buffer.space) space")
      }
      switch (buffer.dtype, buffer.space) {
      case (.bool, _): report("\(name): masks are kept as f32")
      case (.i32, .parameters), (.i32, .gradients): report("\(name): parameters are f32")
      case (.f32, _), (.i32, _): break
      }
      if buffer.space == .arena {
        guard let lifetime = buffer.lifetime, lifetime.lowerBound >= 0,
          lifetime.upperBound <= program.instructions.count
        else {
          report("\(name): its lifetime is not inside the program")
          continue
        }
      }
    }
  }

  private mutating func checkFeeds() {
    var names: Set<String> = []
    var buffers: Set<BufferID> = []
    for feed in program.feeds {
      guard names.insert(feed.name).inserted, buffers.insert(feed.buffer).inserted else {
        report("feed \(feed.name) is there twice")
        continue
      }
      guard let declared = feeds[feed.name] ?? ownFeed(feed) else {
        report("feed \(feed.name) is not one of the schema's")
        continue
      }
      guard declared.width == feed.width else {
        report("feed \(feed.name) has width \(feed.width), the schema's \(declared.width)")
        continue
      }
      guard program.buffers.indices.contains(feed.buffer.index) else {
        report("feed \(feed.name): there is no buffer \(feed.buffer)")
        continue
      }
      let buffer = program[feed.buffer]
      let (count, overflow) = feed.width.multipliedReportingOverflow(by: program.batchCapacity)
      if buffer.space != .feeds || overflow || buffer.count < count
        || buffer.dtype != (declared.isInteger ? .i32 : .f32)
      {
        report("feed \(feed.name): buffer \(feed.buffer) cannot hold it")
      }
    }
    let feeds = program.buffers.enumerated().filter { $0.element.space == .feeds }
    let ordered = feeds.sorted { $0.element.offset < $1.element.offset }
    for (first, second) in zip(ordered, ordered.dropFirst())
    where first.element.offset + first.element.count > second.element.offset {
      report("feed buffers &\(first.offset) and &\(second.offset) overlap")
    }
    for feed in feeds where !buffers.contains(BufferID(feed.offset)) {
      report("buffer &\(feed.offset) lies in the feed space, but no feed fills it")
    }
  }

  /// A plan without a schema, of graphs that were built by hand, says in its programs what their feeds are.
  private func ownFeed(_ feed: FeedRecord) -> FeedLayout.Feed? {
    guard declaresFeeds, program.buffers.indices.contains(feed.buffer.index) else { return nil }
    return FeedLayout.Feed(
      name: feed.name, width: feed.width, isInteger: program[feed.buffer].dtype == .i32)
  }

  private mutating func checkFetches() {
    if Set(program.fetches.map(\.name)).count != program.fetches.count {
      report("two fetches have the same name")
    }
    var written: [BufferID: [Region]] = [:]
    for access in accesses.joined() where access.use.access.writes {
      written[access.buffer, default: []].append(access.region)
    }
    let gradients = program.kind == .gradients ? parameters : []
    let sizes = Dictionary(gradients.map { (EpisodeName.gradient($0.name), $0.rows * $0.columns) })
    {
      first, _ in first
    }
    for fetch in program.fetches {
      guard let region = resolve(fetch.view, "fetch \(fetch.name)") else { continue }
      // It is copied out element by element; a gradient as the whole of its parameter.
      let count = fetch.view.extents.product(rows: program.batchCapacity)
      if let size = sizes[fetch.name], size != count {
        report("fetch \(fetch.name) is not of the size of its parameter")
      }
      let most = max(region.elements.times(program.batchCapacity), parameterFloats, 1 << 16)
      if count > most { report("fetch \(fetch.name) has \(count) elements of \(region.elements)") }
      let buffer = program[fetch.view.buffer]
      if buffer.dtype != .f32 { report("fetch \(fetch.name) is not f32") }
      guard buffer.space == .arena, let lifetime = buffer.lifetime else { continue }
      if lifetime.upperBound < program.instructions.count - 1 {
        report("fetch \(fetch.name): its buffer does not live to the end")
      }
      if written[fetch.view.buffer]?.contains(where: { !$0.isDisjoint(from: region) }) != true {
        report("fetch \(fetch.name): nothing writes it")
      }
    }
  }
}

/// Instructions of a program that is rewritten, which need no second look as long as they and the
/// buffers that they touch stay as they are.
package struct CheckedInstructions: Sendable {
  /// What each touches.
  fileprivate var accesses: [Instruction: [ProgramValidator.Access]] = [:]

  package init() {}
}

extension Program {
  /// What its instructions break of a plan's invariants, for a program whose feeds and fetches are
  /// none of a plan's yet.
  /// - Parameter checked: Those of the program before its last rewrite, whose buffers are the first
  ///   ones of this program; on return those of this one, if nothing was found.
  package func findings(
    parameters: [ParameterRecord], parameterFloats: Int, stepsRows: Bool,
    checked: inout CheckedInstructions
  ) -> [PlanFinding] {
    ProgramValidator(
      self, parameters, floats: parameterFloats, stepsRows: stepsRows
    ).instructionFindings(&checked)
  }
}
