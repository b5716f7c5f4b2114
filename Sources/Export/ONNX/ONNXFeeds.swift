import Plan
import Schema

/// The values of an ONNX graph that stand for what `FeedLayout` calls feeds.
struct ONNXFeeds {
  /// The columns of the feed `ids`, int64[batch] each.
  var ids: [String] = []
  /// The other feeds by their names: floats, and ids of sequences with −1 for padding.
  var tensors: [String: String] = [:]
  /// What fills them.
  var inputs: [ONNXInput] = []
}

/// What rows enter an ONNX model as.
public enum ONNXInputs: String, Sendable, CaseIterable {
  /// The numbers that the plan's encoders give: ids, scaled numbers.
  case encoded
  /// The texts and numbers of the table's columns, which the model encodes itself.
  case raw
}

/// An input of an exported model, and what of a feature goes into it.
package struct ONNXInput: Sendable, Hashable {
  package enum Role: Sendable, Hashable {
    /// Ids, numbers or texts; of a sequence its items.
    case values
    /// How many items a sequence has.
    case lengths
    /// The weights of its items.
    case weights
  }

  package var name: String
  /// The place of the feature in the schema, the first of several that read the input.
  package var feature: Int
  package var role: Role
}

/// The feeds of a model, filled feature by feature.
struct ONNXFeedBuilder {
  private(set) var feeds = ONNXFeeds()
  /// The parts of the feed `numeric`, float[batch, n] each.
  private var numeric: [String] = []

  /// Notes an input that was declared, and returns its name.
  mutating func declared(_ name: String, _ feature: Int, _ role: ONNXInput.Role) -> String {
    feeds.inputs.append(ONNXInput(name: name, feature: feature, role: role))
    return name
  }

  /// Adds the id of a feature, int64[batch].
  mutating func add(ids: String) { feeds.ids.append(ids) }

  /// Adds numbers of a feature, float[batch, n].
  mutating func add(numbers: String) { numeric.append(numbers) }

  /// Adds a sequence whose first `lengths` items of a row are there.
  ///
  /// - Parameters:
  ///   - ids: int64[batch, length].
  ///   - weights: float[batch, length].
  ///   - lengths: int64[batch].
  mutating func add(
    sequence feature: String, _ layout: SequenceLayout, ids: String, weights: String?,
    lengths: String, _ builder: inout ONNXBuilder
  ) {
    let places = builder.integers(Array(0..<layout.maxLength), [1, layout.maxLength])
    let present = builder.node("Less", [places, builder.unsqueeze(lengths, axis: 1)])
    feeds.tensors[FeedLayout.sequenceIds(feature)] = builder.node(
      "Where", [present, ids, builder.integers([-1], [])])
    if let weights {
      feeds.tensors[FeedLayout.sequenceWeights(feature)] = builder.node(
        "Where", [present, weights, builder.floats([0])])
    }
  }

  /// Joins the numbers into one feed.
  mutating func finish(_ builder: inout ONNXBuilder) -> ONNXFeeds {
    if let first = numeric.first {
      feeds.tensors[FeedLayout.numeric] =
        numeric.count == 1
        ? first : builder.node("Concat", numeric, [("axis", .integer(1))])
    }
    return feeds
  }
}
