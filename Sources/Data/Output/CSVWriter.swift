/// Writes a text table to a file, record by record.
package final class CSVWriter {
  private let file: AtomicFile
  private var text: CSVText

  /// `delimiter` is one ASCII byte.
  package init(_ file: AtomicFile, delimiter: UInt8 = UInt8(ascii: ",")) {
    self.file = file
    text = CSVText(delimiter: delimiter)
  }

  package func field(_ text: String) { self.text.field(text) }
  package func field(_ bytes: UnsafeRawBufferPointer) { text.field(bytes) }
  /// The shortest decimal that reads back as the same float.
  package func field(_ number: Float) { text.field(number) }
  package func field(_ number: Double) { text.field(number) }
  package func field(_ number: Int) { text.field(number) }

  /// Ends the record. Throws `FileError`.
  package func endRow() throws {
    text.endRow()
    try file.write(text.bytes)
    text.removeAll()
  }

  /// Writes records that were made elsewhere. Throws `FileError`.
  package func write(_ records: CSVText) throws { try file.write(records.bytes) }

  package func header(_ names: [String]) throws {
    for name in names { field(name) }
    try endRow()
  }

  /// Completes the file. Throws `FileError`.
  package func finish() throws { try file.commit() }
}
