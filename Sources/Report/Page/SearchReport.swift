import Schema

/// What a search for hyperparameters has tried and found, as a page.
public struct SearchReport: Sendable {
  /// Training with some settings for some epochs.
  public struct Training: Sendable {
    public var trial: Int
    public var epochs: Int
    /// Keys of the spec with the values that were tried, as JSON.
    public var settings: [(key: String, value: String)]
    /// Of each task in the order of `tasks`; nil where it has none, as where training failed.
    public var values: [Double?]
    /// Less is better; infinite where training failed.
    public var score: Double
    /// Whether no other training equals or beats it in every task and beats it in one.
    public var isOnFront: Bool

    public init(
      trial: Int, epochs: Int, settings: [(key: String, value: String)], values: [Double?],
      score: Double, isOnFront: Bool
    ) {
      (self.trial, self.epochs, self.settings) = (trial, epochs, settings)
      (self.values, self.score, self.isOnFront) = (values, score, isOnFront)
    }

    var name: String { "trial \(trial), \(Format.count(epochs, "epoch"))" }
  }

  public struct Task: Sendable {
    public var name: String
    public var metric: Metric

    public init(name: String, metric: Metric) { (self.name, self.metric) = (name, metric) }

    var title: String { "\(name) \(metric.title)" }
    var higherIsBetter: Bool { metric.better == .higher }
  }

  public var name: String
  public var tasks: [Task]
  /// By trial and epochs.
  public var trainings: [Training]
  /// The place of the best one.
  public var best: Int
  /// What it is the best by.
  public var measure: String
  /// What the metrics are of, as validation rows.
  public var measured: String
  /// The best spec.
  public var specText: String

  public init(
    name: String, tasks: [Task], trainings: [Training], best: Int, measure: String,
    measured: String, specText: String
  ) {
    (self.name, self.tasks, self.trainings) = (name, tasks, trainings)
    (self.best, self.measure, self.measured, self.specText) = (best, measure, measured, specText)
  }

  /// The page needs nothing else: no script, no network. Equal searches have equal pages.
  public func html(version: String) -> String {
    HTML.page(
      "\(name): search",
      [
        "<header><h1>\(XMLText.escaped(name)): search</h1>",
        HTML.paragraph(verdict, "verdict"), "</header>",
        HTML.section("The best of the tasks", frontParts),
        HTML.section("Trial by trial", [HTML.row(tasks.indices.map(courseChart))]),
        HTML.section("By setting", settingParts),
        HTML.section(
          "The best spec",
          [
            HTML.paragraph("mtlc \(version); best.json5:"),
            "<pre>\(XMLText.escaped(specText))</pre>",
          ]),
      ])
  }

  private var verdict: String {
    let chosen = trainings[best]
    let values = zip(tasks, chosen.values).map { "\($0.title) \(Self.text($1))" }
    let failed = trainings.count { !$0.score.isFinite }
    let count = Set(trainings.map(\.trial)).count
    return "\(Format.count(trainings.count, "training")) of \(Format.count(count, "trial")),"
      + " measured on \(measured)\(failed > 0 ? "; \(failed) failed" : ""). The best by \(measure):"
      + " trial \(chosen.trial) with \(Format.count(chosen.epochs, "epoch")), "
      + values.joined(separator: ", ") + "."
  }

  static func text(_ value: Double?) -> String {
    value.map { NumberText.fixed($0, 4) } ?? "n/a"
  }

  // MARK: The front

  /// How many cards and pictures a page has room for.
  private static let (mostCards, mostPairs) = (9, 6)

  private var frontParts: [String] {
    let front = trainings.indices.filter { trainings[$0].isOnFront }
      .sorted { (trainings[$0].score, $0) < (trainings[$1].score, $1) }
    guard !front.isEmpty else { return [] }
    let pairs = tasks.indices.flatMap { a in tasks.indices.filter { $0 > a }.map { (a, $0) } }
    let cards = front.prefix(Self.mostCards).map { place in
      let training = trainings[place]
      return HTML.card(
        training.name + (place == best ? ", the best" : ""),
        zip(tasks, training.values).map { ($0.title, Self.text($1)) }
          + training.settings.map { ($0.key, $0.value) })
    }
    return [
      HTML.paragraph(
        tasks.count > 1
          ? "No other training equals or beats these in every task: the Pareto front."
          : "No other training is better."),
      HTML.row(pairs.prefix(Self.mostPairs).map(frontChart)), HTML.row(cards),
      front.count > Self.mostCards
        ? HTML.paragraph("and \(front.count - Self.mostCards) more, in trials.json") : "",
    ]
  }

  /// All trainings by two tasks. The far end of poor ones would leave no room for the others.
  private func frontChart(_ a: Int, _ b: Int) -> String {
    let dots = trainings.indices.compactMap { place -> ScatterChart.Dot? in
      let training = trainings[place]
      guard let x = training.values[a], let y = training.values[b] else { return nil }
      return .init(
        x: x, y: y, kind: place == best ? 2 : training.isOnFront ? 1 : 0, name: training.name)
    }
    return ScatterChart(
      title: "\(tasks[b].name) over \(tasks[a].name)", xTitle: tasks[a].title,
      yTitle: tasks[b].title, kinds: ["others", "Pareto front", "the best"], dots: dots,
      range: (
        shown(dots.map(\.x), tasks[a], keeping: dots.filter { $0.kind > 0 }.map(\.x)),
        shown(dots.map(\.y), tasks[b], keeping: dots.filter { $0.kind > 0 }.map(\.y))
      ), joinedFrom: tasks.count == 2 ? 1 : nil
    ).figure
  }

  /// The better three quarters of the values, and all that are named.
  private func shown(
    _ values: [Double], _ task: Task, keeping: [Double]
  ) -> ClosedRange<Double> {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return 0...1 }
    let quarter = sorted.count / 4
    let kept =
      keeping
      + (task.higherIsBetter
        ? [sorted[quarter], last]
        : [
          first, sorted[sorted.count - 1 - quarter],
        ])
    return (kept.min() ?? first)...(kept.max() ?? last)
  }

  // MARK: Trials and settings

  /// Of each trial the training that went on for longest.
  private var longest: [Training] {
    var places: [Int: Int] = [:]
    for (place, training) in trainings.enumerated() { places[training.trial] = place }
    return places.values.sorted().map { trainings[$0] }
  }

  /// The best value of a task so far, trial by trial.
  private func courseChart(_ task: Int) -> String {
    var best: Double?
    var points: [CurvePoint] = []
    for training in longest {
      guard let value = training.values[task] else { continue }
      best = best.map { tasks[task].higherIsBetter ? max($0, value) : min($0, value) } ?? value
      points.append(CurvePoint(Double(training.trial), best ?? value))
    }
    return Charts.lines(
      "the best so far: \(tasks[task].name)",
      [TrainingHistory.Series(tasks[task].title, points)],
      x: Axis(points.map(\.x), leastStep: 1), xTitle: "trial", yTitle: tasks[task].title)
  }

  private static let mostSettings = 16

  private var settingParts: [String] {
    var keys: [String] = []
    for key in trainings.flatMap({ $0.settings.map(\.key) }) where !keys.contains(key) {
      keys.append(key)
    }
    let charts = keys.prefix(Self.mostSettings).flatMap { key in
      tasks.prefix(2).indices.map { settingChart(key, $0) }
    }
    let tables = keys.prefix(Self.mostSettings).map(choiceTable)
    return [
      HTML.paragraph("Each trial by its longest training."), HTML.row(charts), HTML.row(tables),
    ]
  }

  private func settingChart(_ key: String, _ task: Int) -> String {
    let dots = longest.compactMap { training -> ScatterChart.Dot? in
      guard let text = training.settings.first(where: { $0.key == key })?.value,
        let x = Double(text), let y = training.values[task]
      else { return nil }
      return .init(x: x, y: y, kind: training.isOnFront ? 1 : 0, name: training.name)
    }
    guard Set(dots.map(\.x)).count > 2, let low = dots.map(\.x).min(),
      let high = dots.map(\.x).max()
    else { return "" }
    return ScatterChart(
      title: key, xTitle: String(key.split(separator: ".").last ?? ""), yTitle: tasks[task].title,
      kinds: ["others", "Pareto front"], dots: dots,
      range: (
        low...high,
        shown(dots.map(\.y), tasks[task], keeping: dots.filter { $0.kind > 0 }.map(\.y))
      )
    ).figure
  }

  /// Values that are no numbers, or few, with what they came to.
  private func choiceTable(_ key: String) -> String {
    var values: [(text: String, trainings: [Training])] = []
    for training in longest where training.score.isFinite {
      guard let text = training.settings.first(where: { $0.key == key })?.value else { continue }
      if let place = values.firstIndex(where: { $0.text == text }) {
        values[place].trainings.append(training)
      } else {
        values.append((text, [training]))
      }
    }
    let isOfNumbers = values.allSatisfy { Double($0.text) != nil }
    guard values.count > 1, values.count <= 12, !isOfNumbers || values.count <= 2 else { return "" }
    let head = ["value", "trials"] + tasks.map { "\($0.title), best" }
    let rows = values.sorted { $0.text < $1.text }.map { value in
      [value.text, Format.count(value.trainings.count)]
        + tasks.indices.map { task in
          let found = value.trainings.compactMap { $0.values[task] }
          return Self.text(tasks[task].higherIsBetter ? found.max() : found.min())
        }
    }
    return "<div class=\"card\">\(HTML.heading(key))\(HTML.table(head, rows))</div>"
  }
}
