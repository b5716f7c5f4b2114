/// Text that is not a graph, and where. Lines and columns count from 1; a column is one Unicode
/// scalar. Prints as `3:14: matmul: operand 1 (%3) has type f32[16, 8], expected f32[499, *]`.
public struct ParseError: Error, Sendable, Hashable, CustomStringConvertible {
  public var line: Int
  public var column: Int
  public var message: String

  public init(line: Int, column: Int, _ message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  public var description: String { "\(line):\(column): \(message)" }
}
