extension DataSchema {
  /// What a column of a feed holds, in the words of the spec, and what can be done about numbers there
  /// that are too large; nil for feeds without numbers of the data.
  package func numbers(ofFeed feed: String, column: Int) -> (name: String, remedy: String)? {
    switch feed {
    case FeedLayout.numeric:
      let place = self.feeds.slots.firstIndex { slot in
        switch slot {
        case .numeric(let own): own == column
        case .vector(let first, let dim): first..<first + dim ~= column
        case .id, .sequence: false
        }
      }
      guard let place else { return nil }
      let name = "\"\(features[place].name)\""
      if case .vector = features[place].encoder {
        return ("the feature \(name)", "look for outliers of the feature \(name), or scale it")
      }
      return (
        "the feature \(name)",
        "look for outliers of the feature \(name), or give it a normalizer (\"zscore\", \"log\")"
      )
    case FeedLayout.labels:
      guard labels.indices.contains(column) else { return nil }
      let name = "\"\(labels[column].task)\""
      return ("the label of the task \(name)", "scale the label of the task \(name)")
    case FeedLayout.sampleWeight:
      return ("the sample weight", "scale the column of data.sample_weight")
    default:
      guard
        let feature = features.first(where: { FeedLayout.sequenceWeights($0.name) == feed })
      else { return nil }
      let name = "the weights of the feature \"\(feature.name)\""
      return (name, "scale \(name)")
    }
  }
}
