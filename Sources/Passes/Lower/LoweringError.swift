/// A graph that cannot become a program.
public struct LoweringError: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { "lowering: \(message)" }
}
