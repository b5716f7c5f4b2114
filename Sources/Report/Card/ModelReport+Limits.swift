import Schema

extension ModelReport {
  /// What the model is not to be trusted with, as far as the report can tell; each an item in Markdown.
  var limits: [String] {
    var items = findings.map { Markdown.escaped($0.message) }
    for task in evaluation.tasks {
      if let reason = task.entries.first(where: { $0.metric.better != nil })?.value.reason {
        items.append(
          "\(Markdown.escaped(task.task)) could not be judged: \(Markdown.escaped(reason))")
      }
      if let base = task[.baseRate]?.value, base > 0 {
        items.append(
          "probabilities of \(Markdown.escaped(task.task)) are those of rows with a share of positive labels"
            + " like \(NumberText.percent(base)); where positives are rarer or more frequent they are off"
        )
      }
    }
    if set.contains("training") {
      items.append("measured on the rows that it was trained on: other rows are predicted worse")
    }
    items += schemaLimits
    if slices.isEmpty, evaluation.episodes == nil {
      items.append("nothing is known of parts of the rows: each has too few")
    } else if evaluation.episodes == nil {
      items.append(
        "parts of the rows are told apart by the features alone; others, such as groups of people that no"
          + " feature names, were not looked at")
    }
    return items
  }

  /// What follows from how rows are read.
  private var schemaLimits: [String] {
    guard let schema = origin?.schema else { return [] }
    var vocabularies: [String] = []
    var hashes: [String] = []
    var items: [String] = []
    for feature in schema.features {
      let name = Markdown.escaped(feature.name)
      switch feature.encoder {
      case .id(.vocabulary), .sequence(.vocabulary, _): vocabularies.append(name)
      case .id(.hash), .sequence(.hash, _), .cross: hashes.append(name)
      case .id(.identity(let count)), .sequence(.identity(let count), _):
        items.append("\(name): numbers of \(Format.count(count)) and more count as unknown")
      case .numeric, .bucketized, .vector: break
      }
      if case .sequence(_, let layout) = feature.encoder {
        items.append(
          "\(name): of longer lists only \(Format.count(layout.maxLength, "item")) are read")
      }
    }
    if !vocabularies.isEmpty {
      items.append(
        "values that the training rows do not have are all one unknown value: "
          + vocabularies.joined(separator: ", "))
    }
    if !hashes.isEmpty {
      items.append("different values may share a row of a table: " + hashes.joined(separator: ", "))
    }
    return items
  }
}
