import Experiments
import Schema

/// The numbers of a report for machines, and its findings for people.
enum ReportJSON {
  /// A finding in each line.
  static func findings(_ report: ModelReport) -> String {
    report.findings.isEmpty
      ? "nothing stands out\n"
      : report.findings.map { MessageText.printable($0.message) + "\n" }.joined()
  }

  static func json(_ report: ModelReport) -> JSON {
    let head: JSON = [
      "name": report.name, "seed": "\(report.seed)", "sampled_rows": report.sampledRows,
      "evaluation": report.evaluation.episodes.map {
        EpisodeText.json(report.evaluation, $0, best: report.best)
      } ?? MetricsReport.json(report.evaluation, on: report.set, best: report.best),
      "findings": report.findings.map { finding -> JSON in
        [
          "kind": finding.kind.rawValue, "subject": finding.subject, "message": finding.message,
        ]
      },
    ]
    return head + [
      "tasks": JSON.object(report.tasks) { ($0.task, task($0)) },
      "conflicts": JSON.object(report.history?.conflicts ?? []) { ($0.name, points($0.points)) },
      "slices": report.slices.map(slice), "funnel": report.funnel.map(step),
      "gates": JSON.object(report.gates) { ($0.name, gate($0)) },
      "experts": report.experts.map(experts),
      "tables": JSON.object(report.tables) { ($0.name, table($0)) },
      "importance": report.importance.map(ImportanceText.json),
    ]
  }

  private static func points(_ points: [CurvePoint]) -> JSON {
    .array(points.map { .array([.number($0.x), .number($0.y)]) })
  }

  private static func task(_ task: TaskReport) -> JSON {
    [
      "rows": task.rows, "roc": points(task.roc),
      "precision_recall": points(task.precisionRecall),
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
