import Data
import Schema
import Testing

/// Files of vectors that tables begin with: text, npy and safetensors.
@Suite struct VectorFileTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let words = FeatureSchema(
    name: "word", column: "word", encoder: .id(.vocabulary(["b", "a", "日本", "x y"])))
  private static let numbers = FeatureSchema(
    name: "item", column: "item",
    encoder: .sequence(.identity(count: 3), SequenceLayout(separator: 124, maxLength: 4)))
  private static let crossed = FeatureSchema(
    name: "pair", column: "a", encoder: .cross(["a", "b"], buckets: 3))

  private func read(
    _ bytes: [UInt8], _ feature: FeatureSchema = words, dim: Int = 2, name: String = "v.bin",
    tensor: String? = nil, keys: String? = nil, isLearned: Bool = true
  ) throws -> VectorTable {
    let keyFile = try keys.map { try folder.write($0, "keys.txt") }
    return try VectorFile(folder.write(bytes, name), tensor: tensor, keys: keyFile)
      .table(of: feature, dim: dim, isLearned: isLearned)
  }

  private func read(_ text: String, _ feature: FeatureSchema = words, dim: Int = 2) throws
    -> VectorTable
  { try read(Array(text.utf8), feature, dim: dim) }

  /// The message without the folder.
  private func error(_ body: () throws -> VectorTable) throws -> String {
    let error = try #require(throws: DataError.self) { try body() }
    return error.description.replacing("\(folder.path)/", with: "")
  }

  private func error(
    _ text: String, _ feature: FeatureSchema = words, dim: Int = 2
  ) throws -> String { try error { try read(text, feature, dim: dim) } }

  // MARK: Text

  @Test func textsInAllTheirForms() throws {
    let plain = "a 1 2.5\nb -3e-1 4\nunknown 9 9\n日本 5 6\n"
    let expected: [Float] = [0, 0, -0.3, 4, 1, 2.5, 5, 6, 0, 0]
    for text in [
      plain, "4 2\n" + plain, plain.replacing(" ", with: "\t"),
      plain.replacing("\n", with: " \r\n"),
      "\u{FEFF}" + plain, String(plain.dropLast()), plain.replacing("9 9", with: "9 9\n\n"),
    ] {
      let table = try read(text)
      #expect(table.whole == expected, "\(text)")
      #expect(table.isFound == [false, true, true, true, false])
      #expect(table.foundCount == 3)
      #expect(table.missing == .init(count: 1, first: ["x y"]))
      #expect(table.unused == .init(count: 1, first: ["unknown"]))
    }
  }

  /// A key may hold blanks, before a tab or where its parts are no numbers.
  @Test func keysWithBlanks() throws {
    for text in ["x y\t1 2\n", "x y 1 2\n"] {
      #expect(try read(text).whole.suffix(2) == [1, 2])
    }
  }

  /// A first line of two whole numbers is a header where the count says so.
  @Test func vectorsOfOneNumber() throws {
    #expect(try read("2 1\n0 7\n1 8\n", Self.numbers, dim: 1).whole == [0, 7, 8, 0])
    #expect(try read("2 1\n0 7\n", Self.numbers, dim: 1).whole == [0, 7, 0, 1])
    #expect(try read("2 5\n0 7\n", Self.numbers, dim: 1).whole == [0, 7, 0, 5])
  }

  @Test func textsThatAreRefused() throws {
    #expect(
      try error("a 1 2 3\nb 1 2 3\n")
        == "v.bin:1: the vectors have 3 numbers, \"embedding_dim\" of feature \"word\" is 2 — set"
        + " embedding_dim: 3")
    #expect(try error("1 3\na 1 2 3\n").contains("v.bin:1: the vectors have 3 numbers"))
    #expect(try error("a 1 2\nb 1\n").contains("v.bin:2: the line has 1 numbers"))
    #expect(try error("a 1 2\nb 1 2 3\n").contains("v.bin:2: the line has 3 numbers"))
    #expect(try error("3 2\na 1 2\nb 1 2\n").contains("says 3 vectors, the file has 2"))
    #expect(try error("a 1 2\nc 1 1\na 3 4\n").contains("v.bin:3: the key \"a\" is in line 1"))
    #expect(try error("a 1 2\nb 1 nan\n").contains("v.bin:2: the vector of \"b\" holds a number"))
    #expect(try error("a 1 1e39\n").contains("not finite"))
    #expect(try error("a 1 two\n").contains("\"two\" is not a number"))
    #expect(try error("").contains("the file is empty"))
    #expect(try error("q 1 2\nr 1 2\n").contains("its keys begin with \"q\", \"r\""))
    #expect(try error("a 1 2\n", Self.crossed).contains("hashes its ids"))
    #expect(
      try error { try read([0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6]) }.contains("gzip"))
    let long = [UInt8](repeating: 120, count: 1 << 19)
    #expect(try error { try read(long) }.contains("v.bin:1: the line is longer than"))
    #expect(
      try error { try read(Array("a 1 2\n".utf8), tensor: "t") }.contains("pretrained.tensor"))
  }

  // MARK: Matrices

  private func bytes(_ floats: [Float]) -> [UInt8] {
    floats.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
  }

  private func npy(_ shape: String, _ data: [UInt8], type: String = "<f4", order: String = "False")
    -> [UInt8]
  {
    let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
      + Array(header.utf8) + data
  }

  private func safetensors(_ header: String, _ data: [UInt8]) -> [UInt8] {
    let count = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8) + data
  }

  private func entry(_ name: String, _ type: String, _ rows: Int, _ range: Range<Int>) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(rows),2],"
      + "\"data_offsets\":[\(range.lowerBound),\(range.upperBound)]}"
  }

  @Test func matricesWithKeys() throws {
    let data = bytes([1, 2, 3, 4, 5, 6])
    let expected: [Float] = [0, 0, 5, 6, 1, 2, 0, 0, 0, 0]
    for file in [
      npy("(3, 2)", data),
      safetensors(
        "{\"__metadata__\":{\"format\":\"pt\"}," + entry("w", "F32", 3, 0..<24) + "}", data),
    ] {
      let table = try read(file, keys: "a\r\nother\r\nb\r\n")
      #expect(table.whole == expected)
      #expect(table.unused == .init(count: 1, first: ["other"]))
      #expect(table.missing == .init(count: 2, first: ["日本", "x y"]))
    }
  }

  /// Numbers of 16, 32 and 64 bits, computed by hand; a tensor among several.
  @Test func widthsOfNumbers() throws {
    let half: [UInt16] = [0x3C00, 0xC248, 0x0001, 0x7BFF, 0x8400, 0x3555]
    let expected: [Float] = [1, -3.140625, 0x1p-24, 65504, -0x1p-14, 0.333251953125]
    let brain: [UInt16] = [0x3F80, 0xC049, 0x0000, 0x4049, 0x7F7F, 0x8080]
    let wide = [1.0, -2.5, 3, 1e-3, 5, 6].flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * $0)) }
    }
    let header = [
      entry("half", "F16", 3, 0..<12), entry("brain", "BF16", 3, 12..<24),
      entry("wide", "F64", 3, 24..<72),
    ].joined(separator: ",")
    let data = (half + brain).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } + wide
    let file = safetensors("{\(header)}", data)
    func values(_ tensor: String) throws -> [Float] {
      Array(try read(file, Self.numbers, tensor: tensor).whole.dropFirst(2))
    }
    #expect(try values("half") == expected)
    #expect(
      try values("brain") == brain.map { Float(bitPattern: UInt32($0) << 16) })
    #expect(try values("wide") == [1, -2.5, 3, 1e-3, 5, 6])
    #expect(
      try read(npy("(3, 2)", wide, type: "<f8"), Self.numbers).whole.suffix(4) == [3, 1e-3, 5, 6])
    #expect(
      try error { try read(file, Self.numbers) }.contains(
        "3 tensors: \"brain\", \"half\", \"wide\""))
    #expect(
      try error { try read(file, Self.numbers, tensor: "hall") }.contains("did you mean \"half\"?"))
  }

  /// Without keys rows are those of the ids in order, with or without one for unknown ids.
  @Test func matricesInTheOrderOfTheIds() throws {
    let data = bytes([1, 2, 3, 4, 5, 6, 7, 8])
    #expect(
      try read(npy("(3, 2)", Array(data.prefix(24))), Self.crossed).whole == [
        0, 0, 1, 2, 3, 4, 5, 6,
      ])
    let whole = try read(npy("(4, 2)", data), Self.numbers)
    #expect(whole.whole == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(whole.isFound == [true, true, true, true])
    #expect(try read(npy("(4, 2)", data), isLearned: false).whole.suffix(2) == [7, 8])
    #expect(
      try error { try read(npy("(4, 2)", data)) }.contains("the rows have no keys"))
    #expect(
      try error { try read(npy("(2, 2)", Array(data.prefix(16))), Self.crossed) }
        .contains("the matrix has 2 rows, feature \"pair\" has 3 ids"))
    #expect(
      try error { try read(npy("(3, 2)", Array(data.prefix(24))), Self.crossed, keys: "a\nb\nc\n") }
        .contains("hashes its ids"))
  }

  @Test func matricesThatAreRefused() throws {
    let data = bytes([1, 2, 3, .nan])
    func tensor(_ header: String, _ data: [UInt8]? = nil, tensor: String? = nil) throws -> String {
      try error {
        try read(
          safetensors("{\(header)}", data ?? bytes([1, 2, 3, 4])), Self.numbers,
          tensor: tensor)
      }
    }
    let file = npy("(2, 2)", data)
    #expect(
      try error { try read(file, keys: "q\na\n") }.contains("the vector of \"a\" holds a number"))
    #expect(try error { try read(file, keys: "a\n") }.contains("has 1 keys"))
    #expect(
      try error { try read(npy("(2, 2)", bytes([1, 2, 3, 4])), keys: "a\na\n") }
        .contains("keys.txt:2: the key \"a\" is in line 1 already"))
    #expect(
      try error { try read(file, dim: 3, keys: "a\nb\n") }
        .contains("the vectors have 2 numbers, \"embedding_dim\" of feature \"word\" is 3"))
    #expect(try error { try read(Array(file.dropLast(4)), keys: "a\nb\n") }.contains("needs 16"))
    #expect(try error { try read(npy("(2, 2)", data, order: "True")) }.contains("C order"))
    #expect(try error { try read(npy("(2, 2)", data, type: "<i4")) }.contains("astype"))
    #expect(try tensor(entry("w", "F32", 2, 0..<24)).contains("has 24 bytes for the shape [2, 2]"))
    #expect(try tensor(entry("w", "F32", 3, 0..<24)).contains("the file ends before its tensor"))
    #expect(try tensor(entry("w", "I64", 2, 0..<32)).contains("is of type I64"))
    #expect(
      try tensor("\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}")
        .contains("has the shape (4)"))
    #expect(
      try tensor(
        "\"w\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,16]}"
      )
      .contains("has a shape of"))
    #expect(try tensor("").contains("the file holds 0 tensors"))
    #expect(try tensor("\"w\":[").contains("its header is no JSON object"))
    var huge = safetensors("{}", [])
    huge.replaceSubrange(0..<8, with: [255, 255, 255, 255, 0, 0, 0, 0])
    #expect(try error { try read(huge) }.contains("its header would have"))
    huge.replaceSubrange(0..<8, with: [200, 0, 0, 0, 0, 0, 0, 0])
    #expect(try error { try read(huge) }.contains("the header is cut off"))
    #expect(
      try error { try read(Array("abc".utf8), name: "v.safetensors") }.contains("cut off"))
    #expect(try error { try read(Array("abc".utf8), name: "v.npy") }.contains("not a .npy file"))
  }

  /// More rows than are read at a time, of text and of a matrix.
  @Test func manyRows() throws {
    let count = 40_000
    let feature = FeatureSchema(
      name: "id", column: "id", encoder: .id(.identity(count: count)))
    let values = (0..<(count * 3)).map { Float($0 % 9973) * 0.25 }
    let text = (0..<count).map { row in
      "\(row) \(values[3 * row]) \(values[3 * row + 1]) \(values[3 * row + 2])\n"
    }.joined()
    for table in [
      try read(text, feature, dim: 3),
      try read(npy("(\(count), 3)", bytes(values)), feature, dim: 3),
    ] {
      #expect(Array(table.whole.dropFirst(3)) == values)
      #expect(table.foundCount == count)
    }
  }

  @Test func rowsWithoutAVectorMayBecomeTheMean() throws {
    var table = try read("a 1 2\nb 2 6\n")
    table.fillWithMean()
    #expect(table.whole == [1.5, 4, 2, 6, 1, 2, 1.5, 4, 1.5, 4])
    #expect(table.isFound.allSatisfy { $0 })
  }
}

extension VectorTable {
  /// All rows, with zeros where the file has none.
  fileprivate var whole: [Float] {
    var place = 0
    return isFound.flatMap { isFound in
      guard isFound else { return Array(repeating: Float(0), count: dim) }
      place += 1
      return Array(values[(place - 1) * dim..<place * dim])
    }
  }
}
