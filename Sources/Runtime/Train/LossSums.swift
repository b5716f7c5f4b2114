/// Means of the losses over rows.
struct LossSums {
  private(set) var rows = 0
  private var total = 0.0
  private var tasks: [Double?]
  private var factors: [Double?]

  init(tasks: Int) {
    self.tasks = [Double?](repeating: 0, count: tasks)
    factors = self.tasks
  }

  mutating func add(_ engine: any TrainingEngine, rows count: Int) {
    rows += count
    total += Double(engine.loss) * Double(count)
    for k in tasks.indices {
      Self.add(engine.loss(task: k), to: &tasks[k], count)
      Self.add(engine.weight(task: k), to: &factors[k], count)
    }
  }

  /// A quantity that is not there once has no mean.
  private static func add(_ value: Float?, to sum: inout Double?, _ count: Int) {
    guard let value, let old = sum else {
      sum = nil
      return
    }
    sum = old + Double(value) * Double(count)
  }

  var loss: Double { total / Double(max(1, rows)) }
  var taskLosses: [Double?] { tasks.map { $0.map { $0 / Double(max(1, rows)) } } }
  /// The factors of the tasks' losses.
  var taskFactors: [Double?] { factors.map { $0.map { $0 / Double(max(1, rows)) } } }
}
