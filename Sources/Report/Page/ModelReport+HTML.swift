import Schema

extension ModelReport {
  /// The report as one page that needs nothing else: no script, no network.
  ///
  /// - Parameters:
  ///   - version: Of the program.
  ///   - command: The line that makes the report again; nil for none.
  public func html(version: String, command: String? = nil) -> String {
    let parts = [
      "<header><h1>\(XMLText.escaped(name))</h1>",
      HTML.paragraph(verdict, "verdict"), "</header>", findingList,
      HTML.section("Metrics", [metricCards]), HTML.section("Predictions", predictionParts),
      HTML.section("Parts of the rows", sliceParts), HTML.section("Training", trainingParts),
      HTML.section("Model", modelParts), HTML.section("Features", featureParts),
      HTML.section("Data", dataParts),
      HTML.section("How this was made", provenance(version: version, command: command)),
    ]
    return HTML.page(name, parts)
  }

  /// What there is to know in a few sentences.
  var verdict: String {
    var sentences = evaluation.tasks.map(Self.sentence)
    if let episodes = evaluation.episodes {
      let accuracy = episodes.accuracy.map {
        ", accuracy \(NumberText.fixed($0.value, 4)) ± \(NumberText.fixed($0.margin, 4))"
      }
      sentences.append(
        "Over \(Format.count(episodes.episodes)) episodes the query loss after adapting is"
          + " \(NumberText.fixed(episodes.loss.value, 4))\(accuracy ?? "").")
    }
    sentences.append(
      findings.isEmpty
        ? "Nothing in the model or its data stands out."
        : findings.count == 1
          ? "One thing is worth a look." : "\(findings.count) things are worth a look.")
    return (["Measured on \(measured)."] + sentences).joined(separator: " ")
  }

  private var measured: String {
    evaluation.rows > 0 ? "\(Format.count(evaluation.rows)) rows (\(set))" : set
  }

  private static func sentence(_ task: TaskMetrics) -> String {
    switch task.kind {
    case .binary:
      guard let auc = task[.auc]?.value else {
        return "\(task.task) has no AUC: \(task[.auc]?.reason ?? "no value")."
      }
      var text = "\(task.task): AUC \(NumberText.fixed(auc, 4))"
      if let low = task[.aucLow]?.value, let high = task[.aucHigh]?.value {
        text += " (\(NumberText.fixed(low, 4)) to \(NumberText.fixed(high, 4)))"
      }
      if let calibration = task[.calibration]?.value {
        let word =
          abs(calibration - 1) < 0.05
          ? "probabilities are right on average"
          : calibration > 1
            ? "probabilities are \(NumberText.percent(calibration - 1)) too high on average"
            : "probabilities are \(NumberText.percent(1 - calibration)) too low on average"
        text += "; \(word)"
      }
      return text + "."
    case .regression:
      return
        "\(task.task): RMSE \(task[.rootMeanSquaredError]?.value.map(NumberText.short) ?? "n/a")."
    case .multiclass:
      let accuracy = task[.accuracy]?.value.map { NumberText.fixed($0, 4) } ?? "n/a"
      let majority = task[.majority]?.value.map { NumberText.fixed($0, 4) } ?? "n/a"
      return "\(task.task): accuracy \(accuracy), where always saying the most frequent class gives"
        + " \(majority)."
    }
  }

  private var findingList: String {
    guard !findings.isEmpty else { return "" }
    return HTML.section(
      "Worth a look",
      [
        "<ul class=\"findings\">"
          + findings.prefix(40).map { "<li>\(XMLText.escaped($0.message))</li>" }.joined()
          + "</ul>",
        findings.count > 40 ? HTML.paragraph("and \(findings.count - 40) more") : "",
      ])
  }

  private func provenance(version: String, command: String?) -> [String] {
    var entries = ["mtlc \(version)", "seed \(seed)", "\(Format.count(weights)) weights"]
    if sampledRows > 0, sampledRows < evaluation.rows {
      entries.append(
        "curves and parts of \(Format.count(sampledRows)) rows, evenly spread over all")
    }
    return [
      HTML.paragraph(entries.joined(separator: ", ")),
      command.map { "<pre>\(XMLText.escaped($0))</pre>" } ?? "",
      HTML.paragraph("The spec with all defaults:"),
      "<pre>\(XMLText.escaped(specText))</pre>",
    ]
  }
}
