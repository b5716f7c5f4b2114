/// What a search for hyperparameters may take, and what it goes by.
public struct TuningRequest: Sendable, Hashable {
  public enum Budget: Sendable, Hashable {
    /// So many settings are tried. The result depends on the spec, the data and the seed alone.
    case trials(Int)
    /// Settings are tried until so many seconds have passed, those of an earlier part of the search
    /// included. Which are tried, and in which order, does not depend on the time.
    case seconds(Double)
  }

  public var budget: Budget
  /// Fixes which settings are tried.
  public var seed: UInt64
  /// `<task>.<metric>`, or `<metric>` for its mean over the tasks that have it. Nil goes by the mean over
  /// the tasks of the rank among all trials.
  public var metric: String?
  /// Folds of the training rows that measure each training by their mean; nil for validation rows.
  public var folds: FoldRule?
  /// Whether an earlier search in the same folder is gone on with.
  public var resumes: Bool

  public init(
    budget: Budget = .trials(30), seed: UInt64 = 1, metric: String? = nil,
    folds: FoldRule? = nil, resumes: Bool = false
  ) {
    self.budget = budget
    self.seed = seed
    self.metric = metric
    self.folds = folds
    self.resumes = resumes
  }
}

extension TuningRequest.Budget {
  /// A time as `90s`, `5m`, `1.5h`, or a number of seconds. Nil for what is none.
  public init?(duration text: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[$0] }
    let digits = unit == nil ? text : String(text.dropLast())
    guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
      let number = Double(digits), number > 0, number * (unit ?? 1) <= 1e9
    else { return nil }
    self = .seconds(number * (unit ?? 1))
  }
}
