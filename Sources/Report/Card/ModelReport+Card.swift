import Schema

extension ModelReport {
  /// The report as a model card in Markdown (M. Mitchell et al., "Model Cards for Model Reporting", FAT* 2019):
  /// what the model is, what it learned from, how well it predicts whom, what it cannot, and how it is made
  /// again.
  ///
  /// - Parameters:
  ///   - version: Of the program.
  ///   - command: The line that makes the card again.
  public func card(version: String, command: String) -> String {
    var shown = self
    // Folders are those of the machine that trained.
    shown.set = Self.fileName(set)
    return shown.document(version: version, command: command)
  }

  private static func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private func document(version: String, command: String) -> String {
    let head = [
      "# \(Markdown.escaped(name))",
      Markdown.escaped(verdict),
    ]
    let sections = [
      Markdown.section("Model", [modelList]),
      Markdown.section("Data", dataSection),
      Markdown.section("Tasks", [taskTable]),
      Markdown.section("Metrics", metricSection),
      Markdown.section("Parts of the rows", sliceSection),
      Markdown.section("Features", featureSection),
      Markdown.section("Limits", [Markdown.list(limits)]),
      Markdown.section("Reproduction", reproduction(version: version, command: command)),
    ]
    return (head + sections).filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var modelList: String {
    var items = ["\(Format.count(weights)) weights"]
    if let training = origin?.training {
      items += SettingsText.parts(training).map(Markdown.escaped)
    }
    if let best = history?.best {
      items.append("parameters of \(history?.unit ?? "epoch") \(best), which early stopping kept")
    }
    return Markdown.list(items)
  }

  private static func files(_ paths: [String]) -> String {
    paths.prefix(8).map { Markdown.escaped(fileName($0)) }.joined(separator: ", ")
      + (paths.count > 8 ? " and \(paths.count - 8) more" : "")
  }

  private var dataSection: [String] {
    var items: [String] = []
    if let training = origin?.training {
      items.append("training rows: \(Self.files(training.trainPaths))")
      if !training.validationPaths.isEmpty {
        items.append("validation rows: \(Self.files(training.validationPaths))")
      } else if training.validationFraction > 0 {
        items.append(
          "validation rows: \(NumberText.percent(training.validationFraction)) of the training rows"
        )
      }
    }
    if let profile { items.append("\(Format.count(profile.rows)) training rows") }
    let rows = evaluation.rows > 0 ? ", \(Format.count(evaluation.rows)) rows" : ""
    items.append("evaluated on: \(Self.files([set]))\(rows)")
    guard let schema = origin?.schema, !schema.features.isEmpty else {
      return [Markdown.list(items)]
    }
    for join in schema.joins {
      items.append("joined by \(Markdown.escaped(join.key)): \(Self.files([join.file]))")
    }
    let features = Markdown.table(
      ["feature", "column", "read as", "values"],
      schema.features.map { feature in
        [
          feature.name, feature.column, EncoderText.text(feature.encoder),
          feature.cardinality.map(Format.count) ?? "",
        ]
      })
    return [Markdown.list(items), features]
  }

  private var taskTable: String {
    let labels = origin?.schema?.labels ?? []
    return Markdown.table(
      ["task", "kind", "label", "rows", "base rate or mean"],
      evaluation.tasks.map { task in
        let label = labels.first { $0.task == task.task }
        let mean = task[.baseRate] ?? task[.meanLabel]
        return [
          task.task, task.kind.name,
          label.map { "\($0.column)\(Self.meaning($0.kind))" } ?? "of no label of its own",
          Format.count(task.rows), mean?.value.map(NumberText.short) ?? "",
        ]
      })
  }

  private static func meaning(_ kind: LabelSchema.Kind) -> String {
    switch kind {
    case .positives(let texts):
      " is \(texts.prefix(4).joined(separator: " or "))\(texts.count > 4 ? " …" : "")"
    case .classes(let texts): ", \(texts.count) classes"
    case .binary: " is 1"
    case .number: ""
    case .soft: ", a probability"
    }
  }

  private var metricSection: [String] {
    var parts = evaluation.tasks.map { task -> String in
      var rows = task.entries.map { entry in
        [
          entry.metric == .aucHigh ? "AUC, upper bound" : entry.metric.title,
          entry.value.value.map { NumberText.fixed($0, 4) }
            ?? "none: \(entry.value.reason ?? "no value")",
        ]
      }
      if let best = best.first(where: { $0.task == task.task }) {
        rows.insert(["best possible AUC", NumberText.fixed(best.auc, 4)], at: 1)
      }
      return "### \(Markdown.escaped(task.task))\n\n" + Markdown.table(["metric", "value"], rows)
    }
    if let episodes = evaluation.episodes {
      var rows = [
        ["episodes", Format.count(episodes.episodes)],
        ["query loss after adapting", Self.mean(episodes.loss)],
      ]
      if let before = episodes.lossBefore {
        rows.append(["query loss before adapting", Self.mean(before)])
      }
      if let accuracy = episodes.accuracy { rows.append(["accuracy", Self.mean(accuracy)]) }
      parts.append(Markdown.table(["over episodes", "mean ± 95 %"], rows))
    }
    return parts
  }

  private static func mean(_ mean: EpisodeMetrics.Mean) -> String {
    "\(NumberText.fixed(mean.value, 4)) ± \(NumberText.fixed(mean.margin, 4))"
  }

  /// The parts of each task that are predicted worst.
  private var sliceSection: [String] {
    tasks.compactMap { task in
      let own = slices.filter { $0.task == task.task && $0.score.value != nil }.prefix(6)
      guard let first = own.first else { return nil }
      let table = Markdown.table(
        ["rows in which", "rows", "mean label", "mean prediction", first.metric.title],
        own.map { slice in
          [
            "\(slice.feature) is \(slice.value)", Format.count(slice.rows),
            NumberText.short(slice.label), NumberText.short(slice.prediction),
            slice.score.value.map { NumberText.fixed($0, 4) } ?? "",
          ]
        })
      return "\(Markdown.escaped(task.task)), most clearly worse than all rows first:\n\n\(table)"
    }
  }

  /// The features that count most.
  private var featureSection: [String] {
    guard let importance, !importance.entries.isEmpty else { return [] }
    let table = Markdown.table(
      ["feature"] + importance.tasks.map { "\($0.name): loss of \($0.metric.title)" },
      importance.entries.prefix(12).map { entry in
        [entry.features.joined(separator: ", ")]
          + entry.losses.map { loss in
            loss.map { "\(NumberText.fixed($0.mean, 4)) ± \(NumberText.fixed($0.error, 4))" } ?? ""
          }
      })
    return [
      "Permutation importance on \(Format.count(importance.rows)) rows,"
        + " \(Format.count(importance.repetitions, "order")) of each feature's values.",
      table,
    ]
  }

  private func reproduction(version: String, command: String) -> [String] {
    [
      "mtlc \(version), seed \(seed). The same version, spec, data and kind of processor give the same bits,"
        + " whatever the number of threads. The spec, to be saved as `spec.json` beside its data:",
      Markdown.block(JSONLayout.broken(specText), "json"),
      Markdown.block("mtlc train spec.json -o out\n\(command)"),
    ]
  }
}
