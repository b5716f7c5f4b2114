import Schema

/// Whether files are in the encoding that a spec declares, as far as their first bytes tell.
package enum DeclaredEncoding {
  /// The encoding that a file seems to be in, where that is another than the declared one; nil where it
  /// cannot be told, and for standard input.
  package static func likelier(
    than declared: TableFormat.Encoding, in path: String
  ) -> TableFormat.Encoding? {
    guard declared != .utf8, path != "-", let source = try? FileSource(path) else { return nil }
    var bytes: [UInt8] = []
    while bytes.count < 1 << 16, let more = try? source.read(count: 1 << 16), !more.isEmpty {
      bytes += more
    }
    return bytes.withUnsafeBufferPointer { TextEncoding.likelier(than: declared, $0[...]) }
  }
}
