/// Something about a spec or its data that is possible but seldom meant.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A feature alone ranks a task almost perfectly: it was probably made from the label.
    case leakage
    /// Rows with a step of a funnel and without the step before.
    case funnelOrder = "funnel_order"
    /// Rows that hold more ids than `max_length` keeps.
    case cutRows = "cut_rows"
    /// Groups of rows that are larger than a batch.
    case cutGroups = "cut_groups"
    /// A loss that compares the rows of a group, and no group with rows of different labels.
    case noPairs = "no_pairs"
    /// A file that seems to be in another encoding than the declared one.
    case encoding
    /// A feature without any value.
    case noValues = "no_values"
    /// A feature, or the label of a regression, with the same value in every row.
    case constant
    /// Hardly any value.
    case fewValues = "few_values"
    /// Many training values that a range of ids or a given vocabulary does not hold, or that
    /// `min_frequency` drops.
    case unknownInTraining = "unknown_in_training"
    /// Words such as "nan" that are not declared missing.
    case missingMarkers = "missing_markers"
    /// A separator that never occurs, lists in brackets, or maps as Hive writes them.
    case separator
    /// `id:weight` where weights are not read, or no weights where they are.
    case unreadWeights = "unread_weights"
    /// Negative weights, or weights that cancel out.
    case weights
    /// A number beside which all others are nearly the same, or one that is large and not scaled.
    case outlier
    /// A class without rows.
    case emptyClass = "empty_class"
    /// Rows whose keys a joined table does not hold.
    case unmatchedKeys = "unmatched_keys"
    /// Many ids without a row in the file that their table begins with.
    case missingVectors = "missing_vectors"
    /// Texts of a task's `where` that its column never holds.
    case unseenValues = "unseen_values"
    /// Amounts of which none is 0, under the loss for those that mostly are.
    case amounts
    /// A cross layer of low rank whose rank is no lower than the width of what it crosses.
    case interactionRank = "interaction_rank"
    /// Two tasks with one label.
    case sharedLabel = "shared_label"
    /// Rows without the label of a funnel's step whose value follows from the step before.
    case missingSteps = "missing_steps"
    /// Many test values that the training data does not know.
    case unknownInTest = "unknown_in_test"
    /// A base rate that differs between training and test rows.
    case baseRate = "base_rate"
  }

  public var kind: Kind
  /// The feature or the task that it is about.
  public var subject: String
  public var message: String

  public var description: String { message }
}
