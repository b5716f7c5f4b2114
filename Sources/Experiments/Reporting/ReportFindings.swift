import Schema

/// What in a report seems worth a look.
struct ReportFindings {
  let report: ModelReport

  var all: [ReportFinding] {
    gates + experts + features + slices + overfitting + conflicts + funnel
  }

  private func finding(
    _ kind: ReportFinding.Kind, _ subject: String, _ message: String
  ) -> ReportFinding { ReportFinding(kind, subject, "\(subject): \(message)") }

  // MARK: Parts

  private var gates: [ReportFinding] {
    let collapsed = report.gates.compactMap { gate -> ReportFinding? in
      guard gate.weights.count > 1, let most = gate.weights.max(), most > 0.95,
        let place = gate.weights.firstIndex(of: most)
      else { return nil }
      return finding(
        .collapsedGate, gate.name,
        "the gate gives \(gate.experts[place]) \(Format.percent(most)) of the weight: the other"
          + " experts hardly count; gates start even, so a lower learning rate or dropout may help")
    }
    // By expert the largest share of an even weight that a gate gives it.
    var shares: [String: Double] = [:]
    for gate in report.gates where gate.weights.count > 1 {
      for (name, weight) in zip(gate.experts, gate.weights) {
        shares[name] = max(shares[name] ?? 0, weight * Double(gate.weights.count))
      }
    }
    let unused = shares.filter { $0.value < 0.1 }.keys.sorted()
    guard !unused.isEmpty else { return collapsed }
    return collapsed + [
      finding(
        .unusedExpert, Self.list(unused),
        "no gate gives \(unused.count == 1 ? "it" : "one of them") a tenth of an even share of the"
          + " weight; fewer experts would do")
    ]
  }

  private var experts: [ReportFinding] {
    report.experts.flatMap { family in
      var found: [ReportFinding] = []
      let count = family.experts.count
      let pairs = (0..<count).flatMap { i in (0..<i).map { ($0, i) } }
      let alike = pairs.filter { family.similarity[$0.0][$0.1] > 0.99 }
      if !alike.isEmpty {
        let what =
          alike.count == pairs.count && count > 2
          ? "all \(count) experts compute"
          : Self.list(alike.map { "\(family.experts[$0.0]) and \(family.experts[$0.1])" })
            + (alike.count == 1 ? " compute" : " each compute")
        found.append(
          finding(
            .alikeExperts, family.name,
            "\(what) nearly the same (similarity above 0.99): they add nothing to each other"))
      }
      let dead = family.experts.indices.filter { family.deadShares[$0] > 0.5 }
      if !dead.isEmpty {
        found.append(
          finding(
            .deadUnits, family.name,
            "more than half of the output units of \(Self.list(dead.map { family.experts[$0] })) are"
              + " 0 in every row"))
      }
      return found
    }
  }

  // MARK: Features

  private var features: [ReportFinding] {
    guard let importance = report.importance else { return [] }
    // Below a thousandth nothing is noticed: of an AUC or a share, or of the RMSE itself.
    let least = importance.tasks.map { task in
      task.metric == .rootMeanSquaredError ? 1e-3 * (task.value.value ?? 0) : 1e-3
    }
    let useless = importance.entries.filter { entry in
      zip(entry.losses, least).allSatisfy { loss, least in
        loss.map { $0.mean <= max($0.error, least) } ?? true
      }
    }.flatMap(\.features)
    var found: [ReportFinding] = []
    if !useless.isEmpty, useless.count < importance.entries.count {
      found.append(
        finding(
          .uselessFeature, Self.list(useless),
          useless.count == 1
            ? "dealing its values out at random changes no metric: it has no effect, or other features"
              + " say the same"
            : "dealing out the values of any one of them at random changes no metric: they have no"
              + " effect, or other features say the same"))
    }
    for (place, task) in importance.tasks.enumerated() where task.metric == .auc {
      guard let auc = task.value.value, auc > 0.9 else { continue }
      for entry in importance.entries {
        guard let loss = entry.losses[place], loss.mean > 0.8 * (auc - 0.5) else { continue }
        let name = entry.features.joined(separator: ", ")
        found.append(
          finding(
            .dominantFeature, name,
            "the AUC of \(task.name) falls from \(Format.fixed(auc, 3)) to"
              + " \(Format.fixed(auc - loss.mean, 3)) without it: see that it is known before the"
              + " label is"))
      }
    }
    return found
  }

  private var slices: [ReportFinding] {
    let tasks = report.tasks.map(\.task)
    return tasks.compactMap { task in
      let far = report.slices.filter { slice in
        let ratio = slice.label > 0 ? slice.prediction / slice.label : .infinity
        return slice.task == task && slice.rows >= 200 && abs(slice.deviations) > 5
          && (ratio > 1.25 || ratio < 0.8)
      }.sorted { abs($0.deviations) > abs($1.deviations) }
      guard let worst = far.first else { return nil }
      let others = far.count > 1 ? "; \(Format.count(far.count - 1, "other part")) too" : ""
      return ReportFinding(
        .miscalibratedSlice, task,
        "\(task): where \(worst.feature) is \(worst.value), \(Format.percent(worst.prediction)) are"
          + " predicted on average and \(Format.percent(worst.label)) of"
          + " \(Format.count(worst.rows, "row")) are positive\(others)")
    }
  }

  // MARK: Training

  /// Metrics of the validation rows that were best long before the end.
  private var overfitting: [ReportFinding] {
    guard let history = report.history, history.best == nil,
      let validation = history.validation.first(where: {
        [.logLoss, .rootMeanSquaredError].contains($0.metric)
      })
    else { return [] }
    return validation.series.compactMap { series in
      guard let best = series.points.min(by: { $0.y < $1.y }), let last = series.points.last,
        let place = series.points.firstIndex(of: best), series.points.count - place > 2,
        last.y > 1.01 * best.y
      else { return nil }
      return finding(
        .overfitting, series.name,
        "\(validation.metric.title) on the validation rows was best after \(history.unit)"
          + " \(Int(best.x)) (\(Format.fixed(best.y, 4))) and is \(Format.fixed(last.y, 4)) after"
          + " \(Int(last.x)): train for less long, or let training.early_stopping choose")
    }
  }

  /// Tasks whose gradients by the shared parameters pointed apart in the later half of what was measured.
  private var conflicts: [ReportFinding] {
    (report.history?.conflicts ?? []).compactMap { series in
      let later = series.points.suffix((series.points.count + 1) / 2)
      let mean = later.reduce(0) { $0 + $1.y } / Double(max(1, later.count))
      guard mean < -0.6 else { return nil }
      return finding(
        .conflict, series.name,
        "the tasks pull the parameters that they share apart (cosine of their gradients"
          + " \(Format.fixed(mean, 2))): experts of their own (ple, cgc) or"
          + " training.task_weighting: \"pcgrad\" may help")
    }
  }

  private var funnel: [ReportFinding] {
    report.funnel.filter { $0.inverted > 0 }.map { step in
      finding(
        .funnelOrder, step.step,
        "in \(Format.count(step.inverted)) of \(Format.count(step.rows)) rows it is predicted to be"
          + " more probable than \(step.before), which comes before it")
    }
  }

  /// The first names, and how many there are beside them.
  private static func list(_ names: [String]) -> String {
    let first = names.prefix(6).joined(separator: ", ")
    return names.count > 6 ? "\(first) and \(names.count - 6) more" : first
  }
}
