import Schema

extension ModelReport {
  /// The metrics of each task, a card each.
  var metricCards: String {
    var cards = evaluation.tasks.map { task -> String in
      var entries = task.entries.map { entry in
        (Self.title(entry.metric), entry.value.value.map { Self.text($0, entry.metric) } ?? "n/a")
      }
      if let best = best.first(where: { $0.task == task.task }) {
        entries.insert(("best possible AUC", NumberText.fixed(best.auc, 4)), at: 1)
      }
      if let before = evaluation.episodes?.before.first(where: { $0.task == task.task }),
        let first = before.entries.first
      {
        entries.insert(
          (
            "\(first.metric.title) before adapting",
            first.value.value.map { Self.text($0, first.metric) } ?? "n/a"
          ), at: 1)
      }
      return HTML.card(task.task, [("rows", Format.count(task.rows))] + entries)
    }
    if let episodes = evaluation.episodes {
      func text(_ mean: EpisodeMetrics.Mean) -> String {
        "\(NumberText.fixed(mean.value, 4)) ± \(NumberText.fixed(mean.margin, 4))"
      }
      var entries = [
        ("episodes", Format.count(episodes.episodes)), ("query loss", text(episodes.loss)),
      ]
      if let before = episodes.lossBefore { entries.append(("loss before adapting", text(before))) }
      if let accuracy = episodes.accuracy { entries.append(("accuracy", text(accuracy))) }
      cards.append(HTML.card("Episodes", entries))
    }
    return HTML.row(cards)
  }

  private static func title(_ metric: Metric) -> String {
    metric == .aucHigh ? "AUC, upper bound" : metric.title
  }

  /// Values of a unit of their own need not be between 0 and 1.
  private static func text(_ value: Double, _ metric: Metric) -> String {
    switch metric {
    case .rootMeanSquaredError, .meanAbsoluteError, .meanLabel, .meanPrediction:
      abs(value) < 1 ? NumberText.fixed(value, 4) : NumberText.short(value)
    default: NumberText.fixed(value, 4)
    }
  }

  var predictionParts: [String] {
    tasks.map { task in
      var figures: [String] = []
      func series(_ points: [CurvePoint]) -> [TrainingHistory.Series] { [.init(task.task, points)] }
      if !task.roc.isEmpty {
        figures.append(
          Charts.lines(
            "ROC curve", series(task.roc), x: .share, y: .share, xTitle: "false positive rate",
            yTitle: "true positive rate", diagonal: true))
        figures.append(
          Charts.lines(
            "Precision and recall", series(task.precisionRecall), x: .share, y: .share,
            xTitle: "recall", yTitle: "precision"))
      }
      if task.reliability.count > 1 {
        figures.append(
          Charts.reliability(
            "Predictions against labels", task.reliability, isShare: task.kind == .binary))
      }
      if let histogram = task.histogram {
        figures.append(
          Charts.histogram(
            "Rows by prediction", histogram, isBinary: task.kind == .binary))
      }
      var html = HTML.row(figures)
      if !task.classes.isEmpty {
        html += HTML.table(
          ["class", "rows", "found", "mean probability"],
          task.classes.prefix(60).map {
            [
              $0.name, Format.count($0.rows), NumberText.percent($0.recall),
              NumberText.percent($0.prediction),
            ]
          })
      }
      return html.isEmpty ? "" : HTML.heading(task.task) + "\n" + html
    } + funnelParts
  }

  private var funnelParts: [String] {
    guard !funnel.isEmpty else { return [] }
    return [
      HTML.heading("Steps of the funnel"),
      HTML.paragraph(
        "Of the rows that took the step before: how many took the step, and how many were predicted to."
          + " Inverted are rows in which a step is more probable than the one before."),
      HTML.table(
        ["step", "reached", "took it", "predicted", "inverted"],
        funnel.map {
          [
            "\($0.step) after \($0.before)", Format.count($0.reached), NumberText.percent($0.rate),
            NumberText.percent($0.prediction), Format.count($0.inverted),
          ]
        }),
    ]
  }

  /// The worst parts of each task.
  var sliceParts: [String] {
    let shown = 12
    return tasks.flatMap { task -> [String] in
      let own = slices.filter { $0.task == task.task && $0.score.value != nil }
      guard let first = own.first else { return [] }
      let isBinary = task.kind == .binary
      return [
        HTML.heading(task.task),
        HTML.paragraph(
          own.count == 1
            ? "One part of at least 50 rows, by its \(first.metric.title)."
            : "\(Format.count(own.count)) parts of at least 50 rows; the \(min(shown, own.count)) whose"
              + " \(first.metric.title) is most clearly worse than that of all rows."),
        HTML.table(
          [
            "rows in which", "rows", isBinary ? "positive" : "mean label", "predicted",
            first.metric.title,
          ],
          own.prefix(shown).map { slice in
            func text(_ value: Double) -> String {
              isBinary ? NumberText.percent(value) : NumberText.short(value)
            }
            return [
              "\(slice.feature) is \(Self.short(slice.value))", Format.count(slice.rows),
              text(slice.label), text(slice.prediction),
              slice.score.value.map {
                isBinary ? NumberText.fixed($0, 4) : NumberText.short($0)
              } ?? "n/a",
            ]
          }, narrow: [1]),
      ]
    }
  }

  private static func short(_ text: String) -> String {
    text.count > 60 ? text.prefix(59) + "…" : text
  }
}
