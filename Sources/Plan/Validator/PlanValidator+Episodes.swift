extension PlanValidator {
  /// Sizes of what is asked for, far beyond any use.
  private static let largestCount = 1 << 24

  mutating func checkEpisodes() {
    guard let episodes = plan.episodes else { return }
    func isCount(_ number: Int, from lowest: Int = 1) -> Bool {
      (lowest...Self.largestCount).contains(number)
    }
    var counts = [episodes.tasksPerStep]
    var perTask: [Int]
    switch episodes.kind {
    case .images(let ways, let shots, let queries, let height, let width, _):
      counts += [episodes.evaluationEpisodes, ways, shots, queries, height, width]
      perTask = [ways, max(shots, queries), height, width]
    case .rows(let support, let queries):
      counts += [support, queries]
      if !isCount(episodes.evaluationEpisodes, from: 0) {
        report("\(episodes.evaluationEpisodes) episodes of an evaluation")
      }
      perTask = [support, queries]
      guard case .id? = plan.schema.features.last?.encoder else {
        return report("episodes of rows without a group")
      }
    }
    let elements = perTask.reduce(1.0) { $0 * Double($1) }
    let steps = 1...Int(Int32.max)
    if !counts.allSatisfy({ isCount($0) }) || elements > Double(Self.maximumElements)
      || !steps.contains(episodes.steps)
      || !(0...Int(Int32.max)).contains(episodes.evaluationInterval)
    {
      report("its episodes have sizes that are not possible")
    }
    if plan.programs.contains(where: { $0.batchCapacity != 1 }) {
      report("a program of its episodes takes several rows")
    }
  }
}
