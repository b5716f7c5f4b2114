/// How the values of a type are written: its fields one after the other. The same list reads them.
package protocol FieldList<Root>: Sendable {
  associatedtype Root
  func put(_ root: Root, to writer: inout ByteWriter)
  func get(from reader: inout ByteReader) throws -> Root
}

/// The fields in the order of the file, and what makes a value of them in that order.
///
///     package static let fields: some FieldList<Self> = Fields(Self.init, \.offset, \.count)
package final class Fields<Root, each Field: ByteCodable>: FieldList, @unchecked Sendable {
  // Key paths and an initializer, which hold nothing that could change. A class, since who reads or
  // writes a value takes a copy of the list: a struct's fields are retained one by one.
  private let make: (repeat each Field) -> Root
  private let paths: (repeat KeyPath<Root, each Field>)

  package init(
    _ make: @escaping (repeat each Field) -> Root, _ paths: repeat KeyPath<Root, each Field>
  ) {
    self.make = make
    self.paths = (repeat each paths)
  }

  package func put(_ root: Root, to writer: inout ByteWriter) {
    repeat writer.put(root[keyPath: each paths])
  }

  package func get(from reader: inout ByteReader) throws -> Root {
    make(repeat try reader.get((each Field).self))
  }
}

/// A value that is written as its fields.
package protocol ByteRecord: ByteCodable {
  associatedtype List: FieldList<Self>
  static var fields: List { get }
}

extension ByteRecord {
  package func encode(to writer: inout ByteWriter) { Self.fields.put(self, to: &writer) }
  package init(from reader: inout ByteReader) throws { self = try Self.fields.get(from: &reader) }
}
