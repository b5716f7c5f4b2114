import Data
import ModelDefs
import Plan
import Runtime
import Schema

extension Run {
  /// What the trained model does and has learned, on the rows that it was evaluated on.
  public func report(threads: Int? = nil) throws(ExperimentError) -> ModelReport {
    let plan = try self.plan
    return try ExperimentError.wrap {
      let reporter = ModelReporter(plan: plan, threads: threads)
      var report =
        if let evaluated {
          try reporter.report(
            .init(
              source: evaluated.source, rows: evaluated.rows, name: "\(evaluatedOn.rawValue) rows",
              evaluation: metrics))
        } else {
          try reporter.report("\(evaluatedOn.rawValue) episodes", metrics)
        }
      (evaluated?.source as? StreamedRows)?.close()
      report.best = best
      report.history = TrainingHistory(
        training, tasks: tasks, isOfEpisodes: episodesPerStep != nil)
      report.profile = profile
      report.findings =
        findings.map { ReportFinding(.data, $0.subject, $0.message) }
        + ReportFindings(report: report).all + untrainedTables
      return report
    }
  }

  /// Tables most of whose rows no training row reads. Row 0 is that of unknown ids.
  private var untrainedTables: [ReportFinding] {
    unread.filter { $0.rows > 2 && 2 * $0.unread > $0.rows }.map { table in
      ReportFinding(
        .untrainedRows, table.parameter,
        "\(table.parameter): \(Format.count(table.unread)) of \(Format.count(table.rows)) rows have"
          + " ids that no training row has; they predict as an average id does")
    }
  }
}

extension CompiledPlan {
  /// What the trained model does and has learned, on labelled rows of files.
  ///
  /// - Parameter files: None for the test files that the plan names.
  /// - Parameter history: How it was trained, where that is known.
  /// - Throws: A plan error for a plan that was not trained.
  public func report(
    _ files: [String], history: TrainingHistory? = nil, threads: Int? = nil,
    skipsDamagedRecords: Bool = false, observer: any Observer = .silent
  ) throws(ExperimentError) -> ModelReport {
    try requireTrained()
    let files = files.isEmpty ? plan.training.testPaths : files
    guard !files.isEmpty else {
      throw ExperimentError(
        .argument, "the plan names no test rows", hint: "--eval ROWS names some")
    }
    let name = files.count == 1 ? files[0] : "\(Format.count(files.count)) files"
    var report: ModelReport
    if plan.episodes != nil {
      let evaluation = try evaluate(
        files, threads: threads, skipsDamagedRecords: skipsDamagedRecords, observer: observer)
      report = try ExperimentError.wrap {
        try ModelReporter(plan: plan, threads: threads).report(name, evaluation)
      }
    } else {
      report = try ExperimentError.wrap {
        let reading = RowReading(skipsDamage: skipsDamagedRecords, observer: observer)
        let rows = try reading.someRows(files, plan.schema, "rows")
        return try ModelReporter(plan: plan, threads: threads).report(
          .init(source: rows.dataset, name: name))
      }
    }
    report.history = history
    report.findings = ReportFindings(report: report).all
    return report
  }
}
