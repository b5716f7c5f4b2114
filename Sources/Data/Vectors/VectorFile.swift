import Schema

/// A file with a vector for each of many ids, which an embedding table begins with: safetensors, npy,
/// or text with a key and numbers in each line.
package struct VectorFile: Sendable {
  package let path: String
  /// The tensor of a safetensors file; nil for the only one.
  let tensor: String?
  /// A file with the key of each row of a matrix, one a line.
  let keys: String?

  package init(_ path: String, tensor: String? = nil, keys: String? = nil) {
    self.path = path
    self.tensor = tensor
    self.keys = keys
  }

  /// Reads the rows of a feature's table.
  /// - Parameters:
  ///   - dim: The width of the table.
  ///   - isLearned: Whether its vocabulary is that of the training rows, whose order no file knows.
  /// - Throws: `DataError` for files that are damaged or do not fit, and when none of the ids is found.
  package func table(
    of feature: FeatureSchema, dim: Int, isLearned: Bool
  ) throws -> VectorTable {
    guard let ids = VectorIds(feature.encoder, isLearned: isLearned) else {
      throw DataError("the feature \"\(feature.name)\" has no ids", at: .init(file: path))
    }
    var table = VectorTable(rows: ids.rowCount, dim: dim)
    let reader = Reader(file: self, feature: feature.name, dim: dim, ids: ids)
    switch try kind() {
    case .safetensors:
      try reader.read(VectorMatrix(safetensors: path, tensor: tensor), into: &table)
    case .npy:
      try refuseTensor("an npy file holds one array")
      try reader.read(VectorMatrix(npy: path), into: &table)
    case .text:
      try refuseTensor("a file of text has none")
      if keys != nil {
        throw DataError(
          "a file of text has a key in each line", at: .init(file: path),
          hint: "leave pretrained.keys away")
      }
      try reader.readText(into: &table)
    }
    table.finish(ids)
    guard table.foundCount > 0 else {
      let some = table.unused.first.map { "\"\($0)\"" }.joined(separator: ", ")
      throw DataError(
        "none of the ids of feature \"\(feature.name)\" is in the file"
          + (some.isEmpty ? "" : "; its keys begin with \(some)"), at: .init(file: path),
        hint: "the keys must be written as the column has them")
    }
    return table
  }

  private func refuseTensor(_ reason: String) throws {
    guard tensor != nil else { return }
    throw DataError(
      "pretrained.tensor names a tensor of a safetensors file; \(reason)", at: .init(file: path))
  }

  private enum Kind { case safetensors, npy, text }

  /// By what the file begins with.
  private func kind() throws -> Kind {
    let source = try FileSource(path)
    var head: [UInt8] = []
    while head.count < 10 {
      let more = try source.read(count: 10 - head.count)
      if more.isEmpty { break }
      head += more
    }
    if head.isEmpty { throw DataError("the file is empty", at: .init(file: path)) }
    if path.hasSuffix(".npy") || head.starts(with: [0x93] + Array("NUMPY".utf8)) { return .npy }
    // A header of less than 4 GiB: bytes that no text has.
    if path.hasSuffix(".safetensors") || (head.count >= 9 && head[4..<8].allSatisfy { $0 == 0 }) {
      return .safetensors
    }
    return .text
  }

  /// What reading the forms has in common.
  struct Reader {
    let file: VectorFile
    let feature: String
    let dim: Int
    let ids: VectorIds

    var place: DataError.Place { .init(file: file.path) }

    /// Refuses vectors of another width.
    func require(width: Int, line: Int? = nil) throws {
      guard width != dim else { return }
      throw DataError(
        "the vectors have \(width) numbers, \"embedding_dim\" of feature \"\(feature)\" is \(dim)",
        at: .init(file: file.path, line: line), hint: "set embedding_dim: \(width)")
    }

    func repeated(_ key: String, _ first: Int, at place: DataError.Place) -> DataError {
      DataError(
        "the key \"\(MessageText.printable(key))\" is in line \(first) already", at: place,
        hint: "keep one of the two")
    }

    func notFinite(_ key: String, at place: DataError.Place) -> DataError {
      DataError(
        "the vector of \"\(MessageText.printable(key))\" holds a number that is not finite",
        at: place)
    }
  }
}
