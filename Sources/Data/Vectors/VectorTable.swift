import Schema

/// Which rows of an embedding table a file of vectors has, and their values.
package struct VectorTable: Sendable {
  /// What a file should have, or has beyond that: how many, and the first few.
  package struct Keys: Sendable, Hashable {
    package var count = 0
    package var first: [String] = []

    package init(count: Int = 0, first: [String] = []) {
      (self.count, self.first) = (count, first)
    }

    mutating func add(_ key: @autoclosure () -> String) {
      if count < 3 { first.append(key()) }
      count += 1
    }
  }

  package let dim: Int
  /// By row of the table whether the file has it; row 0 is that of unknown ids.
  package private(set) var isFound: [Bool]
  /// Row-major, one after the other, of those rows that the file has.
  package private(set) var values: [Float]
  /// Ids of the feature that the file does not have.
  package private(set) var missing = Keys()
  /// Keys of the file that are no ids of the feature.
  package fileprivate(set) var unused = Keys()
  /// The line of the file, or row of its matrix, that gave a row.
  private var lines: [Int]

  init(rows: Int, dim: Int) {
    self.dim = dim
    isFound = Array(repeating: false, count: rows)
    lines = Array(repeating: 0, count: rows)
    values = Array(repeating: 0, count: rows * dim)
  }

  /// How many ids have a vector, that of unknown ids apart.
  package var foundCount: Int { isFound.dropFirst().count { $0 } }

  /// Gives a row its values.
  /// - Parameter line: Where they are written, from 1.
  /// - Returns: The line that has given them before; nil where none has.
  mutating func add(
    _ row: Int, line: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows -> Int? {
    guard isFound.indices.contains(row) else { return nil }
    if isFound[row] { return lines[row] }
    try values.withUnsafeMutableBufferPointer {
      try body(UnsafeMutableBufferPointer(rebasing: $0[row * dim..<(row + 1) * dim]))
    }
    isFound[row] = true
    lines[row] = line
    return nil
  }

  mutating func addUnused(_ key: @autoclosure () -> String) { unused.add(key()) }

  /// Notes the ids that have no row, and gives their memory back.
  mutating func finish(_ ids: VectorIds) {
    lines = []
    for row in isFound.indices.dropFirst() where !isFound[row] { missing.add(ids.name(row)) }
    var end = 0
    for row in isFound.indices where isFound[row] {
      if end < row {
        for k in 0..<dim { values[end * dim + k] = values[row * dim + k] }
      }
      end += 1
    }
    guard end < isFound.count else { return }
    values.removeLast(values.count - end * dim)
    if 2 * end < isFound.count { values = values.map { $0 } }
  }

  /// Gives all rows without a vector the mean of those with one.
  package mutating func fillWithMean() {
    var place = isFound.count { $0 }
    guard place > 0, place < isFound.count else { return }
    var mean = [Double](repeating: 0, count: dim)
    for (at, value) in values.enumerated() { mean[at % dim] += Double(value) }
    for k in mean.indices { mean[k] /= Double(place) }
    values += repeatElement(0, count: (isFound.count - place) * dim)
    for row in isFound.indices.reversed() {
      if isFound[row] {
        place -= 1
        for k in 0..<dim { values[row * dim + k] = values[place * dim + k] }
      } else {
        for k in 0..<dim { values[row * dim + k] = Float(mean[k]) }
      }
    }
    isFound = Array(repeating: true, count: isFound.count)
  }
}

/// How the keys of a file of vectors become rows of a table.
struct VectorIds {
  /// Rows of the table, that of unknown ids among them.
  let rowCount: Int
  /// What takes keys: a vocabulary, or integers; hashed ids do not.
  private let vocabulary: [String]?
  private let rows: [String: Int]
  let takesKeys: Bool
  /// Whether the order of the ids is given, and not learned.
  let isOrderGiven: Bool

  /// - Parameter isLearned: Whether the vocabulary is that of the training rows.
  init?(_ encoder: FeatureSchema.Encoder, isLearned: Bool) {
    let ids: IdEncoding
    switch encoder {
    case .id(let encoding), .sequence(let encoding, _): ids = encoding
    case .cross(_, let buckets): ids = .hash(buckets: buckets)
    case .numeric, .bucketized, .vector: return nil
    }
    rowCount = ids.cardinality
    switch ids {
    case .vocabulary(let tokens):
      vocabulary = tokens
      rows = Dictionary(
        zip(tokens, 1...).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
      (takesKeys, isOrderGiven) = (true, !isLearned)
    case .identity:
      (vocabulary, rows) = (nil, [:])
      (takesKeys, isOrderGiven) = (true, true)
    case .hash:
      (vocabulary, rows) = (nil, [:])
      (takesKeys, isOrderGiven) = (false, true)
    }
  }

  /// The row of a key, nil for one that is no id.
  func row(_ key: String) -> Int? {
    if vocabulary != nil { return rows[key] }
    guard let id = Int(key), (0..<rowCount - 1).contains(id) else { return nil }
    return id + 1
  }

  /// The id of a row from 1 on.
  func name(_ row: Int) -> String {
    guard let vocabulary else { return "\(row - 1)" }
    return vocabulary.indices.contains(row - 1) ? vocabulary[row - 1] : ""
  }
}
