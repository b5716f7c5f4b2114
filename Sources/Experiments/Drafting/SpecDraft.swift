import Data
import ModelDefs
import Schema

/// A spec that was written by a look at a table, with comments that say why.
///
///     let draft = try SpecDraft(DraftRequest(table: "rows.csv", labels: ["click"]))
///     print(draft.text)
public struct SpecDraft: Sendable {
  /// The spec, in JSON5.
  public private(set) var text: String
  /// Columns that are no features, with the reason.
  public private(set) var leftOut: [(column: String, reason: String)]

  private let request: DraftRequest
  private let shape: TableShape
  private let profile: TableProfile
  private let labels: [LabelDraft]
  private let funnel: [LabelDraft]?
  /// Columns of numbers that say next to nothing of a label.
  private let faint: Set<String>

  /// Looks at the first rows. Columns that give a label away, by `Experiment.check`, are left out.
  /// - Throws: An argument error without labels, a data error for a table that cannot be read or a label
  ///   that nothing can be learned of.
  public init(
    _ request: DraftRequest, observer: any Observer = .silent
  ) throws(ExperimentError) {
    self = try ExperimentError.wrap {
      guard !request.labels.isEmpty else {
        throw ExperimentError(
          .argument, "a draft needs a column to predict", hint: "--label COLUMN, once for each")
      }
      guard Set(request.labels).count == request.labels.count else {
        throw ExperimentError(.argument, "a label is named twice")
      }
      guard request.table != "-" else {
        throw ExperimentError(.argument, "a draft looks at a file several times, and not at a pipe")
      }
      var draft = try SpecDraft(looking: request)
      // What is left out may have hidden another column that tells the same.
      for _ in 0..<3 {
        let experiment = try Experiment(draft.spec())
        let found = try experiment.check(rowLimit: request.rows)
          .filter { $0.kind == .leakage || $0.kind == .constant || $0.kind == .noValues }
        var reasons: [(column: String, reason: String)] = []
        for finding in found {
          guard let column = draft.column(of: finding.subject),
            !reasons.contains(where: { $0.column == column })
          else { continue }
          reasons.append((column, finding.message))
        }
        if reasons.isEmpty { break }
        draft = draft.leavingOut(reasons)
      }
      return draft
    }
  }

  private init(looking request: DraftRequest) throws {
    let shape = try TableShape(request.table, delimiter: request.delimiter)
    let names =
      request.columns
      ?? (shape.hasHeader ? nil : (1...max(1, shape.columnCount)).map { "c\($0)" })
    let delimiter = Array(shape.delimiter.utf8)
    var format = TableFormat(
      delimiter: delimiter.first ?? UInt8(ascii: ","), hasHeader: shape.hasHeader && names == nil,
      columns: names, missing: [""])
    format.delimiterRest = Array(delimiter.dropFirst())
    let profile = try TableProfile(
      request.table, format, keeping: request.labels, rowLimit: request.rows)
    labels = try request.labels.map { label in
      guard let column = profile.columns.first(where: { $0.name == label }) else {
        throw DataError("there is no column \"\(MessageText.printable(label))\"")
      }
      return try LabelDraft(column, cells: profile.cells[label] ?? [])
    }
    funnel = LabelDraft.funnel(labels)
    faint = try Self.faint(request, format, profile, labels)
    leftOut = profile.columns.filter { !request.labels.contains($0.name) }.compactMap { column in
      guard case .leftOut(let reason) = ColumnKind(column, rows: profile.rows) else { return nil }
      return (column.name, reason)
    }
    (self.request, self.shape, self.profile) = (request, shape, profile)
    text = ""
    text = written
  }

  /// Of the columns of many numbers those that tell next to nothing of each label.
  private static func faint(
    _ request: DraftRequest, _ format: TableFormat, _ profile: TableProfile, _ labels: [LabelDraft]
  ) throws -> Set<String> {
    let names = profile.columns.filter {
      !request.labels.contains($0.name)
        && [.number(.withBuckets), .number(.withWaves)].contains(
          ColumnKind($0, rows: profile.rows))
    }.map(\.name)
    let classes = labels.map(\.classes)
    var faint: Set<String> = []
    // The file is read once for so many columns, which are in memory together.
    for start in stride(from: 0, to: names.count, by: columnsAtATime) {
      let part = Array(names[start..<min(start + columnsAtATime, names.count)])
      let numbers = try NumberColumns.read(
        part, of: request.table, format, rowLimit: request.rows)
      for (name, numbers) in zip(part, numbers) where ExplainedVariance.isFaint(numbers, classes) {
        faint.insert(name)
      }
    }
    return faint
  }

  private static let columnsAtATime = 64

  private func kind(of column: ColumnProfile) -> ColumnKind {
    faint.contains(column.name) ? .number(.faint) : ColumnKind(column, rows: profile.rows)
  }

  /// The column that a feature is made of and that is not left out yet. A feature that is made of a part
  /// of it, or is it in another form, has the column's name and a point before its own.
  private func column(of feature: String) -> String? {
    let names = profile.columns.map(\.name)
    let column = names.first { $0 == feature } ?? names.first { feature.hasPrefix("\($0).") }
    return column.flatMap { name in
      leftOut.contains { $0.column == name } || request.labels.contains(name) ? nil : name
    }
  }

  /// The same without some more columns.
  private func leavingOut(_ more: [(column: String, reason: String)]) -> SpecDraft {
    var draft = self
    draft.leftOut += more
    draft.text = draft.written
    return draft
  }

  private var written: String {
    let gone = Set(leftOut.map(\.column) + request.labels)
    let features = profile.columns.filter { !gone.contains($0.name) }
      .map { ($0, kind(of: $0)) }
    return DraftText(
      request: request, shape: shape, profile: profile, labels: labels, funnel: funnel,
      features: features, leftOut: leftOut
    ).text
  }

  private func spec() throws -> Spec {
    try Spec(text: text, file: "draft", folder: request.folder ?? "")
  }
}
