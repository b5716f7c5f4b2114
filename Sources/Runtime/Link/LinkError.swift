/// Why a plan cannot be run: an instruction that asks for what no kernel does, a view that leaves
/// its buffer, memory that is not there. A plan that its validator accepts gives none of the first.
public struct LinkError: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String
  /// Whether the plan is in order and the system has not the memory.
  public var isShortage: Bool

  public init(_ message: String, isShortage: Bool = false) {
    self.message = message
    self.isShortage = isShortage
  }

  public var description: String { message }
}

/// A call of a session that its plan has no answer to.
public enum SessionError: Error, Sendable, Hashable, CustomStringConvertible {
  case noProgram(String)
  case noFeed(String)
  case noFetch(String)
  case noParameter(String)
  /// A run of more rows than the program is laid out for, or of none.
  case rows(Int, capacity: Int)
  /// Weights or states of another size than the plan's.
  case size(what: String, found: Int, expected: Int)

  public var description: String {
    switch self {
    case .noProgram(let name): "the plan has no program '\(name)'"
    case .noFeed(let name): "the program has no feed '\(name)'"
    case .noFetch(let name): "the program has no fetch '\(name)'"
    case .noParameter(let name): "the plan has no parameter '\(name)'"
    case .rows(let rows, let capacity):
      "a run of \(rows) rows; the program takes 1 to \(capacity)"
    case .size(let what, let found, let expected):
      "\(what): \(found) values, the plan has \(expected)"
    }
  }
}
