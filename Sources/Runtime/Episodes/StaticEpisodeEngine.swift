import Plan
import Schema

/// A compiled plan that learns from episodes. Every thread has a session with memory of its own and
/// takes whole episodes; gradients are added in the order of the episodes, so that results have the
/// same bits whatever the number of threads.
package final class StaticEpisodeEngine: EpisodeEngine, SessionEngine {
  package let plan: Plan
  private let workers: [EpisodeWorker]
  private let team: TaskTeam
  /// For each episode of the step its meta gradient, parameters one after the other.
  private var slots = EpisodeSlots<[Float]>(0, [])
  private var sum: [Float] = []
  private let updateFeeds: [FeedBlock]

  /// - Parameter threads: at most this many episodes at a time; nil takes as many as there are
  ///   processors.
  /// - Throws: `LinkError`, `SessionError` for a plan of another kind.
  package init(plan: Plan, threads: Int? = nil) throws {
    self.plan = plan
    let tasks = max(1, plan.episodes?.tasksPerStep ?? 1)
    team = TaskTeam(threads: max(1, min(threads ?? Platform.processorCount, tasks)))
    workers = try (0..<team.threads).map { _ in try EpisodeWorker(plan) }
    let first = workers[0].session
    updateFeeds =
      try workers[0].parameters.map { record in
        try first.feed(EpisodeName.gradient(record.name), .train)
      }
    if plan.weights == nil { initialize(seed: plan.training.seed) }
  }

  /// The session that holds the state of the training run.
  package var session: Session { workers[0].session }

  /// Draws all parameters afresh and forgets earlier steps.
  package func initialize(seed: UInt64) {
    for worker in workers { worker.session.initialize(seed: seed) }
  }

  /// Gives every thread the parameters and the step of the first one.
  private func share() {
    let weights = session.shared.parameters.floats
    for worker in workers.dropFirst() {
      _ = worker.session.shared.parameters.floats.update(from: weights)
      worker.session.step = session.step
    }
  }

  package func train(_ source: any EpisodeSource, episodes: Range<Int>) throws -> MetaStepResult {
    try train(source, episodes: episodes) { _, _ in }
  }

  /// A step that also hands out what the episode's program fetches beside loss and gradients, for
  /// each episode by name.
  package func trainObserved(
    _ source: any EpisodeSource, episodes: Range<Int>
  ) throws -> (result: MetaStepResult, fetched: [[String: [Float]]]) {
    let outputs = EpisodeSlots<[String: [Float]]>(episodes.count, [:])
    let result = try train(source, episodes: episodes) { task, worker in
      outputs[task] = worker.observations
    }
    return (result, outputs.values)
  }

  private func train(
    _ source: any EpisodeSource, episodes: Range<Int>,
    observe: @escaping (_ task: Int, EpisodeWorker) -> Void
  ) throws -> MetaStepResult {
    let count = episodes.count
    let slots = room(for: count)
    share()
    let results = EpisodeSlots<(loss: Float, accuracy: Float?)>(count, (0, nil))
    try team.run(count) { [workers] thread, task in
      let worker = workers[thread]
      try worker.run(.gradients, source, episode: episodes.lowerBound + task)
      results[task] = (worker.loss.scalar, worker.accuracy?.scalar)
      worker.copyGradients(to: &slots[task])
      observe(task, worker)
    }
    average(count)
    try session.run(.train, rows: 1)
    return MetaStepResult(
      losses: results.values.map(\.loss), accuracies: results.values.compactMap(\.accuracy))
  }

  /// Room for the gradients of that many episodes.
  private func room(for count: Int) -> EpisodeSlots<[Float]> {
    if slots.count < count {
      slots = EpisodeSlots(count, [Float](repeating: 0, count: workers[0].gradientCount))
    }
    return slots
  }

  package func trainLookingForNonFinite(
    _ source: any EpisodeSource, episodes: Range<Int>
  ) throws -> String? {
    let worker = workers[0]
    let slots = room(for: episodes.count)
    var found: String?
    for (index, episode) in episodes.enumerated() {
      worker.write(.gradients, source, episode: episode)
      let origin = try session.runLookingForNonFinite(.gradients, rows: 1)
      if found == nil { found = origin.map { "episode \(episode), \($0)" } }
      worker.copyGradients(to: &slots[index])
    }
    average(episodes.count)
    let origin = try session.runLookingForNonFinite(.train, rows: 1)
    return found ?? origin
  }

  /// The mean of the gradients, in the order of the episodes, into the feeds of the update.
  private func average(_ count: Int) {
    let factor = 1 / Float(max(1, count))
    sum = slots[0]
    sum.withUnsafeMutableBufferPointer { sum in
      for task in 1..<count {
        slots[task].withUnsafeBufferPointer { slot in
          for i in sum.indices { sum[i] += slot[i] }
        }
      }
      for i in sum.indices { sum[i] *= factor }
      var start = 0
      for feed in updateFeeds {
        guard let base = sum.baseAddress else { return }
        feed.base.assumingMemoryBound(to: Float.self).update(
          from: base + start, count: feed.width)
        start += feed.width
      }
    }
  }

  package func evaluate(
    _ source: any EpisodeSource, episodes: Range<Int>
  ) throws -> [[String: [Float]]] {
    share()
    let outputs = EpisodeSlots<[String: [Float]]>(episodes.count, [:])
    try team.run(episodes.count) { [workers] thread, task in
      let worker = workers[thread]
      try worker.run(.predict, source, episode: episodes.lowerBound + task)
      outputs[task] = worker.outputs
    }
    return outputs.values
  }

  package func gradients() throws -> [String: [Float]] {
    var values: [String: [Float]] = [:]
    var start = 0
    for (record, feed) in zip(workers[0].parameters, updateFeeds) where sum.count >= start {
      values[record.name] = Array(sum.dropFirst(start).prefix(feed.width))
      start += feed.width
    }
    return values
  }
}
