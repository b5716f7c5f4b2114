import CKernels
import Schema

/// The encoders of rows whose columns are values in memory, in the order in which they take the least time:
/// one call of a kernel looks up the texts of all columns that have a vocabulary. They are bound to
/// their columns.
final class ValueColumns {
  /// What changes from call to call for a column with a vocabulary.
  private struct Tokens {
    /// The column's place among the values.
    var column: Int
    var output: FeedColumn
    var arguments: UnsafeMutablePointer<mtlc_text_tokens_args>
  }

  private let tokens: UnsafeMutableBufferPointer<Tokens>
  /// The kernel's arguments, parallel to `tokens`.
  private let kernel: UnsafeMutableBufferPointer<mtlc_text_column>
  private let tokenEncoders: [IdEncoder]
  private let numbers: [NumberEncoder]
  private let others: [any ColumnEncoder]

  init(_ encoders: some Sequence<any ColumnEncoder>) {
    var tokenEncoders: [IdEncoder] = []
    var numbers: [NumberEncoder] = []
    var others: [any ColumnEncoder] = []
    for encoder in encoders {
      if let encoder = encoder as? IdEncoder, encoder.prepareTokens() {
        tokenEncoders.append(encoder)
      } else if let encoder = encoder as? NumberEncoder {
        numbers.append(encoder)
      } else {
        others.append(encoder)
      }
    }
    (self.tokenEncoders, self.numbers, self.others) = (tokenEncoders, numbers, others)
    tokens = .allocate(capacity: tokenEncoders.count)
    kernel = .allocate(capacity: tokenEncoders.count)
    for (k, encoder) in tokenEncoders.enumerated() {
      tokens.initializeElement(
        at: k,
        to: Tokens(
          column: encoder.index, output: encoder.output, arguments: encoder.arguments))
      kernel.initializeElement(
        at: k, to: mtlc_text_column(tokens: encoder.arguments, numbers: nil, row: 0))
    }
  }

  deinit {
    tokens.deallocate()
    kernel.deallocate()
  }

  /// Encodes the rows of a block to the first rows of the feeds. Throws `DataError`.
  func encode(_ values: ValueBlock, into storage: FeedStorage) throws {
    let rows = 0..<values.rowCount
    try lookUp(values, rows: rows, into: storage)
    for encoder in numbers { try encoder.encode(values, rows: rows, into: storage, at: 0) }
    for encoder in others { try encoder.encode(values, rows: rows, into: storage, at: 0) }
  }

  private func lookUp(_ values: ValueBlock, rows: Range<Int>, into storage: FeedStorage) throws {
    let records = values.text.records
    for k in 0..<tokens.count {
      let column = tokens[k].column
      guard values.areCells(column) else {
        // It throws what is wrong with them.
        return try tokenEncoders[k].encode(values, rows: rows, into: storage, at: 0)
      }
      tokens[k].arguments.pointee.fields = records.fields(column)
      tokens[k].arguments.pointee.cells = tokens[k].output.pointer(storage, row: 0, as: Int32.self)
    }
    mtlc_text_columns(kernel.baseAddress, Int64(kernel.count), 0, Int64(rows.upperBound), 0)
    for k in 0..<kernel.count where Int(kernel[k].row) < rows.upperBound {
      try tokenEncoders[k].complete(
        values.text, rows: rows, from: Int(kernel[k].row), into: storage, at: 0)
    }
  }
}
