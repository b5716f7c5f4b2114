import Schema

extension ModelReport {
  var trainingParts: [String] {
    guard let history else { return [] }
    let mark = history.best.map(Double.init)
    func counted(_ series: [TrainingHistory.Series]) -> Axis {
      Axis(series.flatMap { $0.points.map(\.x) }, leastStep: 1)
    }
    func chart(_ title: String, _ series: [TrainingHistory.Series], _ y: String) -> String {
      // A single epoch is no curve.
      guard let longest = series.map(\.points.count).max(), longest > 1 else { return "" }
      return Charts.lines(
        title, series, x: counted(series), xTitle: history.unit, yTitle: y, mark: mark)
    }
    var figures = [chart("Loss on the training rows", history.losses, "loss")]
    figures += history.validation.map {
      chart("\($0.metric.title) on the validation rows", $0.series, $0.metric.title)
    }
    figures.append(chart("Weights of the tasks", history.taskWeights, "weight"))
    if !history.conflicts.isEmpty {
      figures.append(
        Charts.lines(
          "Cosine of the gradients of "
            + (history.conflicts.count == 1 ? history.conflicts[0].name : "pairs of tasks"),
          history.conflicts, x: counted(history.conflicts),
          y: Axis(-1...1, step: 0.5),
          xTitle: history.unit, yTitle: "cosine"))
    }
    let note = history.best.map {
      HTML.paragraph("The dashed line is \(history.unit) \($0), whose parameters were kept.")
    }
    return [HTML.row(figures), figures.allSatisfy(\.isEmpty) ? "" : note ?? ""]
  }

  var modelParts: [String] {
    // Few rows of a wide picture are no help on a phone: it is shown as wide as the page.
    var parts = ["<figure class=\"wide\">\(diagram.svg)</figure>"]
    if !gates.isEmpty {
      parts.append(HTML.heading("Gates"))
      parts.append(
        HTML.paragraph(
          "The mean weight of each expert, with its standard deviation over the rows. Evenness is 1"
            + " where all experts count the same and 0 where one counts alone."))
      parts.append(HTML.row(gates.prefix(24).map(Self.gate)))
    }
    if !experts.isEmpty {
      parts.append(HTML.heading("How alike experts are"))
      parts.append(
        HTML.paragraph(
          "Linear CKA of what they hand on: dark pairs compute nearly the same."))
      parts.append(
        HTML.row(
          experts.map { family in
            let more = family.omitted > 0 ? ", the first \(family.experts.count)" : ""
            let title = family.name.isEmpty ? "experts" : family.name
            return HeatMap(
              title: title + more, names: family.experts, values: family.similarity
            ).figure
          }))
    }
    if !tables.isEmpty {
      parts.append(HTML.heading("Embedding tables"))
      parts.append(
        HTML.paragraph(
          "The mean length of vectors, by how often their ids occur in these rows: each bar is of those that"
            + " occur less than twice as often as it says, with their number in brackets."))
      parts.append(HTML.row(tables.prefix(24).map(Self.table)))
    }
    return parts
  }

  private static func gate(_ gate: GateReport) -> String {
    let shown = 16
    let title = "\(gate.name), evenness \(NumberText.fixed(gate.entropy, 2))"
    let more = gate.experts.count > shown ? ", the first \(shown) of \(gate.experts.count)" : ""
    return BarList(
      title: title + more,
      bars: gate.experts.indices.prefix(shown).map { k in
        BarList.Bar(
          name: gate.experts[k], value: gate.weights[k], error: gate.deviations[k],
          text: NumberText.percent(gate.weights[k]))
      }
    ).figure
  }

  private static func table(_ table: TableReport) -> String {
    BarList(
      title: "\(table.name): \(Format.count(table.rows)) × \(table.columns)",
      bars: table.bins.map { bin in
        let count =
          switch bin.leastCount {
          case 0: "never"
          case 1: "once"
          default: "≥ \(Format.count(bin.leastCount))"
          }
        return BarList.Bar(
          name: "\(count) (\(Format.count(bin.ids)))", value: bin.norm,
          text: NumberText.short(bin.norm))
      }
    ).figure
  }

  var featureParts: [String] {
    guard let importance, !importance.entries.isEmpty else { return [] }
    let shown = 20
    let figures = importance.tasks.enumerated().map { place, task -> String in
      let entries = importance.entries.compactMap { entry in
        entry.losses[place].map { (entry.features.joined(separator: ", "), $0) }
      }.sorted { $0.1.mean > $1.1.mean }
      guard !entries.isEmpty else { return "" }
      return BarList(
        title: "\(task.name): loss of \(task.metric.title)",
        bars: entries.prefix(shown).map { name, loss in
          BarList.Bar(
            name: name, value: loss.mean, error: loss.error,
            text: abs(loss.mean) < 10 ? NumberText.fixed(loss.mean, 4) : NumberText.short(loss.mean)
          )
        }
      ).figure
    }
    return [
      HTML.paragraph(
        "How much worse each metric becomes when a feature's values are dealt out to"
          + " \(Format.count(importance.rows)) rows at random, a mean of \(importance.repetitions) orders with"
          + " its 95 % interval. Features that repeat each other look unimportant alone."),
      HTML.row(figures),
    ]
  }

  var dataParts: [String] {
    guard let profile else { return [] }
    var parts = [
      HTML.paragraph("What \(Format.count(profile.rows)) training rows hold."),
      HTML.table(
        ["feature", "missing", "different", "mean", "from", "to"],
        profile.features.map { feature in
          [
            feature.name, NumberText.percent(feature.missingShare),
            feature.distinct.map { Format.count($0) } ?? feature.cardinality.map {
              Format.count($0)
            } ?? "",
            feature.mean.map(NumberText.short) ?? "", feature.minimum.map(NumberText.short) ?? "",
            feature.maximum.map(NumberText.short) ?? "",
          ]
        }, narrow: [4, 5]),
    ]
    if !profile.labels.isEmpty {
      parts.append(
        HTML.table(
          ["task", "labels", "missing", "mean"],
          profile.labels.map { label in
            [
              label.task, Format.count(label.present), Format.count(label.missing),
              label.mean.map(NumberText.short) ?? "",
            ]
          }))
    }
    return parts
  }
}
