/// Writes a text table to a file, record by record.
public final class CSVWriter {
  private let file: AtomicFile
  private var text: CSVText

  /// `delimiter` is one ASCII byte.
  public init(_ file: AtomicFile, delimiter: UInt8 = UInt8(ascii: ",")) {
    self.file = file
    text = CSVText(delimiter: delimiter)
  }

  public func field(_ text: String) { self.text.field(text) }
  public func field(_ bytes: UnsafeRawBufferPointer) { text.field(bytes) }
  /// The shortest decimal that reads back as the same float.
  public func field(_ number: Float) { text.field(number) }
  public func field(_ number: Double) { text.field(number) }
  public func field(_ number: Int) { text.field(number) }

  /// Ends the record. Throws `FileError`.
  public func endRow() throws {
    text.endRow()
    try file.write(text.bytes)
    text.removeAll()
  }

  /// Writes records that were made elsewhere. Throws `FileError`.
  public func write(_ records: CSVText) throws { try file.write(records.bytes) }

  public func header(_ names: [String]) throws {
    for name in names { field(name) }
    try endRow()
  }

  /// Completes the file. Throws `FileError`.
  public func finish() throws { try file.commit() }
}
