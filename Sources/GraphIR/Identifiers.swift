/// The number of a value in its graph. Prints as `%3`.
public struct ValueID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var index: Int
  public init(_ index: Int) { self.index = index }
  public var description: String { "%\(index)" }
  public static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// The number of a node in its graph: its place in the order of execution. Prints as `#3`.
public struct NodeID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var index: Int
  public init(_ index: Int) { self.index = index }
  public var description: String { "#\(index)" }
  public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// The name of a parameter. Prints as `@experts.0.kernel`.
public struct ParameterID: Sendable, Hashable, Comparable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  public var name: String
  public init(_ name: String) { self.name = name }
  public init(stringLiteral value: String) { name = value }
  public var description: String { "@" + TextForm.name(name) }
  public static func < (a: ParameterID, b: ParameterID) -> Bool { a.name < b.name }
}

/// The name of a feed. Prints as `$numeric`.
public struct InputID: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  public var name: String
  public init(_ name: String) { self.name = name }
  public init(stringLiteral value: String) { name = value }
  public var description: String { "$" + TextForm.name(name) }
}
