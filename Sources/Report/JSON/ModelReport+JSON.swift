import Schema

extension ModelReport {
  /// A finding in each line, for a terminal.
  package var findingLines: String {
    findings.isEmpty
      ? "nothing stands out\n"
      : findings.map { MessageText.printable($0.message) + "\n" }.joined()
  }

  /// The numbers of the report for machines.
  package var json: JSON {
    let head: JSON = [
      "name": name, "seed": "\(seed)", "sampled_rows": sampledRows,
      "evaluation": evaluation.json(on: set, best: best),
      "findings": findings.map { finding -> JSON in
        [
          "kind": finding.kind.rawValue, "subject": finding.subject, "message": finding.message,
        ]
      },
    ]
    return head + [
      "tasks": JSON.object(tasks) { ($0.task, Self.task($0)) },
      "conflicts": TrainingReport.conflicts(history?.conflicts ?? []),
      "slices": slices.map(Self.slice), "funnel": funnel.map(Self.step),
      "gates": JSON.object(gates) { ($0.name, Self.gate($0)) },
      "experts": experts.map(Self.experts),
      "tables": JSON.object(tables) { ($0.name, Self.table($0)) },
      "importance": importance.map(\.json),
    ]
  }

  private static func task(_ task: TaskReport) -> JSON {
    [
      "rows": task.rows, "roc": CurvePoint.json(task.roc),
      "precision_recall": CurvePoint.json(task.precisionRecall),
      "reliability": task.reliability.map { bin -> JSON in
        ["rows": bin.rows, "prediction": bin.prediction, "label": bin.label]
      },
      "histogram": task.histogram.map { histogram -> JSON in
        [
          "lowest": histogram.lowest, "highest": histogram.highest,
          "positives": histogram.positives, "negatives": histogram.negatives,
        ]
      },
      "classes": task.classes.map { kind -> JSON in
        [
          "name": kind.name, "rows": kind.rows, "recall": kind.recall,
          "prediction": kind.prediction,
        ]
      },
    ]
  }

  private static func slice(_ slice: RowSlice) -> JSON {
    [
      "task": slice.task, "feature": slice.feature, "value": slice.value, "rows": slice.rows,
      "label": slice.label, "prediction": slice.prediction,
      slice.metric.name: slice.score.value, "deviations": slice.deviations,
    ]
  }

  private static func step(_ step: FunnelStepReport) -> JSON {
    [
      "step": step.step, "before": step.before, "rows": step.rows, "inverted": step.inverted,
      "reached": step.reached, "rate": step.rate, "prediction": step.prediction,
    ]
  }

  private static func gate(_ gate: GateReport) -> JSON {
    [
      "experts": gate.experts, "weights": gate.weights, "deviations": gate.deviations,
      "evenness": gate.entropy,
    ]
  }

  private static func experts(_ family: ExpertReport) -> JSON {
    [
      "name": family.name, "experts": family.experts, "similarity": family.similarity,
      "dead_shares": family.deadShares, "omitted": family.omitted,
    ]
  }

  private static func table(_ table: TableReport) -> JSON {
    [
      "rows": table.rows, "columns": table.columns,
      "bins": table.bins.map { bin -> JSON in
        ["least_count": bin.leastCount, "ids": bin.ids, "norm": bin.norm]
      },
    ]
  }
}
