/// The reference of the spec's keys, written from their definitions.
public enum SpecReference {
  /// Everything.
  public static var text: String {
    sections.map { render($0.section) }.joined(separator: "\n")
  }

  /// What `text(topic:)` takes: `data`, `features`, `model`, `model.mmoe`, `training.optimizer`, …
  public static var topics: [String] {
    var topics: [String] = []
    for (topic, _) in sections {
      let parts = topic.split(separator: ".")
      for length in 1...parts.count {
        let name = parts[..<length].joined(separator: ".")
        if !topics.contains(name) { topics.append(name) }
      }
    }
    return topics
  }

  /// The part about a topic, nil for an unknown one.
  public static func text(topic: String) -> String? {
    let chosen = sections.filter { $0.topic == topic || $0.topic.hasPrefix(topic + ".") }
    return chosen.isEmpty ? nil : chosen.map { render($0.section) }.joined(separator: "\n")
  }

  private static let sections: [(topic: String, section: SpecSection)] =
    [
      ("spec", SpecKeys.section), ("data", DataKeys.section), ("data.join", JoinKeys.section),
    ]
    + expand("features", FeatureKeys.variants)
    + [("features.pretrained", PretrainedKeys.section)]
    + [("tasks", TaskKeys.section), ("tasks.where", SampleSpaceKeys.section)]
    + expand("model", ModelRegistry.variants)
    + expand("model.interaction", InteractionKeys.variants)
    + expand("model.ensemble", EnsembleKeys.variants)
    + [("training", TrainingKeys.section)]
    + expand("training.optimizer", OptimizerKeys.dense)
    + expand("training.sparse_optimizer", OptimizerKeys.sparse)
    + expand("training.learning_rate_schedule", ScheduleKeys.variants)
    + expand("training.weights_average", WeightsAverageKeys.variants)
    + [("training.early_stopping", EarlyStoppingKeys.section), ("search", SearchKeys.section)]

  private static func expand(
    _ topic: String, _ variants: SpecVariants
  ) -> [(topic: String, section: SpecSection)] {
    variants.variants.map { variant in
      var section = variant.section
      section.keys = [variants.typeKey] + variants.common + section.keys
      return ("\(topic).\(variant.type)", section)
    }
  }

  private static func render(_ section: SpecSection) -> String {
    var text = "\(section.title)\n"
    text += wrap(section.documentation, indent: 2)
    for key in section.keys {
      var head = "  \(key.name): \(key.type)"
      if key.isRequired {
        head += "; required"
      } else if let fallback = key.defaultText {
        head += "; default \(fallback)"
      }
      text += wrap(head.trimmingPrefix(while: { $0 == " " }).description, indent: 2, hanging: 6)
      text += wrap(key.documentation, indent: 6)
    }
    return text
  }

  /// Lines of at most 90 characters.
  private static func wrap(_ text: String, indent: Int, hanging: Int? = nil) -> String {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > 90 {
        lines.append(line)
        line = String(repeating: " ", count: hanging ?? indent)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    lines.append(line)
    return lines.joined(separator: "\n") + "\n"
  }
}
