import Schema
import TensorTypes

/// Checks one program of a plan whose parameter block and schema are sound.
struct ProgramValidator {
  let plan: Plan
  let program: Program
  var collected: [PlanFinding] = []
  /// The instruction that is being checked.
  var current: Int?
  /// For each instruction what it touches.
  var accesses: [[Access]] = []

  /// One view that an instruction reads or writes.
  struct Access {
    enum Mode { case read, write, readWrite }
    var buffer: BufferID?
    var region: Region
    var mode: Mode

    var isWrite: Bool { mode != .read }
    var isRead: Bool { mode != .write }
  }

  init(_ program: Program, of plan: Plan) {
    self.plan = plan
    self.program = program
  }

  func findings() -> [PlanFinding] {
    var validator = self
    validator.run()
    return validator.collected
  }

  mutating func report(_ message: String) {
    guard collected.count < PlanValidator.maximumFindings else { return }
    collected.append(
      PlanFinding(program: program.kind, instruction: current, message: message))
  }

  private mutating func run() {
    checkSizes()
    guard collected.isEmpty else { return }
    checkBuffers()
    guard collected.isEmpty else { return }
    checkFeeds()
    guard collected.isEmpty else { return }
    accesses.reserveCapacity(program.instructions.count)
    for (index, instruction) in program.instructions.enumerated() {
      current = index
      accesses.append([])
      check(instruction)
      checkRights()
    }
    current = nil
    checkFetches()
    guard collected.isEmpty else { return }
    checkLifetimes()
    checkOrder()
  }

  private mutating func checkSizes() {
    if !(1...PlanValidator.maximumRows).contains(program.batchCapacity) {
      report("a batch capacity of \(program.batchCapacity) rows")
    }
    if !(0...PlanValidator.maximumElements).contains(program.arenaFloats) {
      report("an arena of \(program.arenaFloats) floats")
    }
    if !(1...4096).contains(program.threads) { report("\(program.threads) threads") }
    let rises = zip(program.levels, program.levels.dropFirst()).allSatisfy { $0 < $1 }
    let inside = program.levels.allSatisfy(program.instructions.indices.contains)
    let starts = program.instructions.isEmpty || program.levels.first == 0
    if !rises || !inside || !starts { report("its levels do not rise from 0") }
  }

  private mutating func checkBuffers() {
    for (index, buffer) in program.buffers.enumerated() {
      let name = "buffer &\(index)" + (buffer.label.isEmpty ? "" : " (\(buffer.label))")
      let limit =
        switch buffer.space {
        case .arena: program.arenaFloats
        case .parameters, .gradients: plan.parameterFloats
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
    let layout = plan.schema.feeds
    var names: Set<String> = []
    var buffers: Set<BufferID> = []
    for feed in program.feeds {
      guard names.insert(feed.name).inserted, buffers.insert(feed.buffer).inserted else {
        report("feed \(feed.name) is there twice")
        continue
      }
      guard
        let declared = layout.feed(named: feed.name) ?? episodeFeed(feed.name) ?? ownFeed(feed)
      else {
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

  /// What a plan that learns from tasks reads besides: the feeds of a task, gradients.
  private func episodeFeed(_ name: String) -> FeedLayout.Feed? {
    guard let episodes = plan.episodes else { return nil }
    if let feed = episodes.feeds.first(where: { $0.name == name }) { return feed }
    guard
      let record = plan.parameters.first(where: { EpisodeName.gradient($0.name) == name })
    else { return nil }
    return FeedLayout.Feed(name: name, width: record.rows * record.columns, isInteger: false)
  }

  /// A plan without a schema, of graphs that were built by hand, says itself what its feeds are.
  private func ownFeed(_ feed: FeedRecord) -> FeedLayout.Feed? {
    guard plan.episodes == nil, plan.schema.features.isEmpty, plan.schema.labels.isEmpty,
      program.buffers.indices.contains(feed.buffer.index)
    else { return nil }
    return FeedLayout.Feed(
      name: feed.name, width: feed.width, isInteger: program[feed.buffer].dtype == .i32)
  }

  private mutating func checkFetches() {
    if Set(program.fetches.map(\.name)).count != program.fetches.count {
      report("two fetches have the same name")
    }
    for fetch in program.fetches {
      guard let region = resolve(fetch.view, "fetch \(fetch.name)") else { continue }
      let buffer = program[fetch.view.buffer]
      if buffer.dtype != .f32 { report("fetch \(fetch.name) is not f32") }
      guard buffer.space == .arena, let lifetime = buffer.lifetime else { continue }
      if lifetime.upperBound < program.instructions.count - 1 {
        report("fetch \(fetch.name): its buffer does not live to the end")
      }
      if !accesses.contains(where: {
        $0.contains {
          $0.isWrite && $0.buffer == fetch.view.buffer && !$0.region.isDisjoint(from: region)
        }
      }) {
        report("fetch \(fetch.name): nothing writes it")
      }
    }
  }

  /// What the current instruction may write in this kind of program.
  private mutating func checkRights() {
    for access in accesses[accesses.count - 1] where access.isWrite {
      switch (access.region.space, program.kind) {
      case (.arena, _), (.gradients, .train), (.gradients, .gradients), (.parameters, .train): break
      case (.feeds, _): report("it writes into a feed")
      case (.parameters, _), (.gradients, .predict):
        report("a \(program.kind.rawValue) program writes into the \(access.region.space) space")
      }
    }
  }
}
