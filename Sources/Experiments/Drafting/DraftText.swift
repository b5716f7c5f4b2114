import Data
import Schema

/// The text of a draft, section by section.
struct DraftText {
  let request: DraftRequest
  let shape: TableShape
  let profile: TableProfile
  let labels: [LabelDraft]
  let funnel: [LabelDraft]?
  let features: [(column: ColumnProfile, kind: ColumnKind)]
  let leftOut: [(column: String, reason: String)]

  var text: String {
    var lines = [
      "// Drafted from the first \(Format.count(profile.rows, "row")) of \(comment(request.table)).",
      "// mtlc help spec explains every key; mtlc check looks at all rows.", "{",
      "  name: \(name.quotedAsJSON),",
    ]
    lines += data + featureLines + tasks + model + training
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  /// The name of the file without its ending.
  private var name: String {
    let file = request.table.split(separator: "/").last.map(String.init) ?? "rows"
    let stem = file.split(separator: ".").first.map(String.init) ?? file
    return "\(stem)-\(modelType)"
  }

  private var modelType: String {
    if let funnel { return funnel.count == 2 ? "esmm" : "aitm" }
    return labels.count > 1 ? "mmoe" : "shared_bottom"
  }

  // MARK: Data

  private var data: [String] {
    var lines = ["  data: {", "    train: \(path(request.table).quotedAsJSON),"]
    if let test = request.test { lines.append("    test: \(path(test).quotedAsJSON),") }
    if shape.delimiter != "," { lines.append("    delimiter: \(quoted(shape.delimiter)),") }
    if let columns = request.columns ?? (shape.hasHeader ? nil : profile.columns.map(\.name)) {
      if request.columns == nil { lines.append("    // The file has no header: names by place.") }
      lines += wrapped("    columns: [", columns.map(\.quotedAsJSON), "    ],")
      if shape.hasHeader { lines.append("    header: true,") }
    }
    let markers = Set(profile.columns.flatMap(\.markers.keys)).subtracting([""]).sorted()
    if !markers.isEmpty {
      lines.append("    // Texts that seem to mean \"no value\".")
      lines += wrapped("    missing: [", ["\"\""] + markers.map(\.quotedAsJSON), "    ],")
    }
    if request.test == nil {
      lines.append("    // A tenth of the rows is held back, to be measured after each epoch.")
      lines.append("    validation_fraction: 0.1,")
    }
    return lines + ["  },"]
  }

  /// A path as the spec's folder sees it.
  private func path(_ path: String) -> String {
    guard let folder = request.folder, !folder.isEmpty, folder != "." else { return path }
    if path.hasPrefix(folder + "/") { return String(path.dropFirst(folder.count + 1)) }
    if path.hasPrefix("/") { return path }
    if folder.hasPrefix("/") {
      return URL(fileURLWithPath: path).standardizedFileURL.path
    }
    let up = folder.split(separator: "/").filter { $0 != "." }
    return up.contains("..")
      ? URL(fileURLWithPath: path).standardizedFileURL.path
      : String(repeating: "../", count: up.count) + path
  }

  // MARK: Features

  private var featureLines: [String] {
    var lines = ["  features: ["]
    for (column, reason) in leftOut {
      lines.append("    // Left out: \(comment(column)): \(comment(reason))")
    }
    // Columns of one kind together, in the order of the first of them.
    var kinds: [ColumnKind] = []
    for (_, kind) in features where !kinds.contains(kind) { kinds.append(kind) }
    for kind in kinds {
      let columns = features.filter { $0.kind == kind }.map(\.column)
      lines += entry(kind, columns)
    }
    return lines + ["  ],"]
  }

  /// So many that each has about a hundred rows.
  private var buckets: Int { [256, 128, 64, 32].first { $0 * 100 <= profile.rows } ?? 16 }

  private func entry(_ kind: ColumnKind, _ columns: [ColumnProfile]) -> [String] {
    let keys: [String]
    switch kind {
    case .leftOut: return []
    case .id(let dim): keys = ["type: \"id\"", "embedding_dim: \(dim)"]
    case .number(let numbers):
      let encoding =
        switch numbers {
        case .alone: [String]()
        case .faint: ["normalizer: \"quantile\""]
        case .withBuckets:
          ["num_buckets: \(buckets)", "embedding_dim: 8", "raw: true", "normalizer: \"quantile\""]
        case .withWaves:
          [
            "encoding: \"periodic\"", "num_frequencies: 8", "frequency_scale: 0.03",
            "embedding_dim: 8", "raw: true", "normalizer: \"quantile\"",
          ]
        }
      keys = ["type: \"numeric\""] + encoding
    case .list(let separator, let length):
      keys = [
        "type: \"sequence\"", "separator: \(quoted(separator))", "max_length: \(length)",
        "pooling: \"mean\"", "embedding_dim: 8",
      ]
    case .date(let hasTime):
      keys = [
        "type: \"datetime\"", "parts: [\(hasTime ? "\"hour\", " : "")\"weekday\", \"month\"]",
      ]
    }
    let lines: [String] =
      switch kind {
      case .number(.withBuckets):
        ["    // By their quantiles, and as the bucket they fall into."]
      case .number(.withWaves):
        ["    // By their quantiles, and as sines and cosines of slow waves."]
      case .number(.faint):
        [
          "    // These say next to nothing of a label by themselves; finer encodings would be learned by heart."
        ]
      case .number(.alone), .id, .list, .date, .leftOut: []
      }
    guard columns.count > 1 else {
      let name = columns.first?.name.quotedAsJSON ?? "\"\""
      return lines + ["    { name: \(name), \(keys.joined(separator: ", ")) },"]
    }
    return lines + ["    {"]
      + wrapped("      columns: [", columns.map(\.name.quotedAsJSON), "      ],")
      + keys.map { "      \($0)," } + ["    },"]
  }

  // MARK: Tasks and model

  private var tasks: [String] {
    ["  tasks: ["]
      + (funnel ?? labels).flatMap { label -> [String] in
        let name = "name: \(label.name.quotedAsJSON)"
        switch label.kind {
        case .binary(nil): return ["    { \(name) },"]
        case .binary(let positive?):
          return [
            "    // The rarer of two texts counts as 1.",
            "    { \(name), positive: [\(positive.quotedAsJSON)] },",
          ]
        case .classes(let texts):
          return ["    {", "      \(name),"]
            + wrapped("      classes: [", texts.map(\.quotedAsJSON), "      ],") + ["    },"]
        case .number: return ["    { \(name), loss: \"mse\" },"]
        }
      } + ["  ],"]
  }

  private var model: [String] {
    switch modelType {
    case "esmm":
      return [
        "  // Each row with the second label has the first: P(second) = P(first) · P(second | first).",
        "  model: { type: \"esmm\", tower_hidden_units: [64, 32], dropout: 0.2 },",
      ]
    case "aitm":
      return [
        "  // Each row with a label has the one before: a funnel, whose steps hand on what they learn.",
        "  model: { type: \"aitm\", tower_hidden_units: [64], dropout: 0.2 },",
      ]
    case "mmoe":
      return [
        "  // Experts that all tasks mix, each by its own gate.", "  model: {",
        "    type: \"mmoe\",", "    num_experts: 8,", "    expert_hidden_units: [64],",
        "    tower_hidden_units: [32],", "    dropout: 0.3,", "  },",
      ]
    default:
      return [
        "  model: {", "    type: \"shared_bottom\",", "    bottom_hidden_units: [64],",
        "    tower_hidden_units: [32],", "    dropout: 0.2,", "  },",
      ]
    }
  }

  private var training: [String] {
    [
      "  training: {", "    batch_size: 256,", "    epochs: 12,", "    seed: 1,", "    l2: 1e-4,",
      "    embedding_l2: 1e-3,", "    optimizer: { type: \"adam\", learning_rate: 0.003 },",
      "    learning_rate_schedule: { type: \"cosine\" },", "  },",
    ]
  }

  // MARK: Text

  private func quoted(_ separator: String) -> String {
    separator == "\u{1}" ? "\"\\u0001\"" : separator == "\t" ? "\"\\t\"" : separator.quotedAsJSON
  }

  /// A list on one line, or on several.
  private func wrapped(_ head: String, _ items: [String], _ tail: String) -> [String] {
    let line = items.joined(separator: ", ")
    let end = tail.drop { $0 == " " }
    if head.count + line.count < 90 { return [head + line + end] }
    let indent = head.prefix { $0 == " " } + "  "
    var lines = [head]
    var current = String(indent)
    for item in items {
      if current.count + item.count > 92 {
        lines.append(current.trimmingEnd)
        current = String(indent)
      }
      current += item + ", "
    }
    return lines + [current.trimmingEnd, tail]
  }

  /// Text that stays within a comment.
  private func comment(_ text: String) -> String { MessageText.printable(text) }
}

extension String {
  fileprivate var trimmingEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
