/// Which tensors a row of data fills, and where each feature lands in them. Data writes these
/// feeds, models read them by the same names.
package struct FeedLayout: Sendable, Hashable {
  /// A row-major matrix `[rows, width]` of 4-byte elements.
  package struct Feed: Sendable, Hashable {
    package var name: String
    package var width: Int
    package var isInteger: Bool

    package init(name: String, width: Int, isInteger: Bool) {
      self.name = name
      self.width = width
      self.isInteger = isInteger
    }
  }

  /// Where a feature's values are.
  package enum Slot: Sendable, Hashable {
    /// Column of the `numeric` feed.
    case numeric(Int)
    /// So many columns of the `numeric` feed from this one on.
    case vector(Int, dim: Int)
    /// Column of the `ids` feed.
    case id(Int)
    /// The whole feed `ids.<feature>` (−1 pads), and `weights.<feature>` when weighted.
    case sequence(length: Int, weighted: Bool)

    /// The first column of the feature in its feed.
    package var column: Int {
      switch self {
      case .numeric(let column), .vector(let column, _), .id(let column): column
      case .sequence: 0
      }
    }
  }

  package static let numeric = "numeric"
  package static let ids = "ids"
  package static let labels = "labels"
  /// The weight of the row in the task's loss, 1 unless the task says otherwise: 0 where the cell was
  /// empty or the row is not of the task's sample space. Same width as `labels`.
  package static let labelMask = "label_mask"
  package static let sampleWeight = "sample_weight"
  /// Two integers: the halves of a number that is the same for the rows of one group (the FNV-1a
  /// hash of the cell), both 0 for a row in no group.
  package static let group = "group"
  /// An integer: 1 for a training row that is held back for validation.
  package static let heldBack = "held_back"
  package static func sequenceIds(_ feature: String) -> String { "ids.\(feature)" }
  package static func sequenceWeights(_ feature: String) -> String { "weights.\(feature)" }

  /// In the order in which they are stored.
  package private(set) var feeds: [Feed] = []
  /// Parallel to the schema's features.
  package private(set) var slots: [Slot] = []

  package init(_ schema: DataSchema) {
    var numeric = 0
    var ids = 0
    var sequences: [Feed] = []
    for feature in schema.features {
      switch feature.encoder {
      case .numeric:
        slots.append(.numeric(numeric))
        numeric += 1
      case .vector(let layout):
        slots.append(.vector(numeric, dim: layout.dim))
        numeric += layout.dim
      case .id, .bucketized, .cross:
        slots.append(.id(ids))
        ids += 1
      case .sequence(_, let layout):
        slots.append(.sequence(length: layout.maxLength, weighted: layout.weighted))
        sequences.append(
          Feed(name: Self.sequenceIds(feature.name), width: layout.maxLength, isInteger: true))
        if layout.weighted {
          sequences.append(
            Feed(
              name: Self.sequenceWeights(feature.name), width: layout.maxLength, isInteger: false))
        }
      }
    }
    if numeric > 0 { feeds.append(Feed(name: Self.numeric, width: numeric, isInteger: false)) }
    if ids > 0 { feeds.append(Feed(name: Self.ids, width: ids, isInteger: true)) }
    feeds += sequences
    if !schema.labels.isEmpty {
      feeds.append(Feed(name: Self.labels, width: schema.labels.count, isInteger: false))
      feeds.append(Feed(name: Self.labelMask, width: schema.labels.count, isInteger: false))
    }
    if schema.sampleWeightColumn != nil {
      feeds.append(Feed(name: Self.sampleWeight, width: 1, isInteger: false))
    }
    if schema.groupColumn != nil {
      feeds.append(Feed(name: Self.group, width: 2, isInteger: true))
    }
    if schema.validationColumn != nil {
      feeds.append(Feed(name: Self.heldBack, width: 1, isInteger: true))
    }
  }

  package func feed(named name: String) -> Feed? { feeds.first { $0.name == name } }
}
