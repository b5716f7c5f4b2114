import Data
import Schema
import Testing

/// Arrays of images, and episodes drawn from them.
@Suite struct EpisodeTests {
  /// A `.npy` file with this dictionary.
  private static func npy(
    _ header: String, elements: [UInt8], version: UInt8 = 1
  ) -> [UInt8] {
    let length = header.utf8.count
    let sizes: [UInt8] =
      version == 1
      ? [UInt8(length & 255), UInt8(length >> 8)]
      : [UInt8(length & 255), UInt8(length >> 8 & 255), 0, 0]
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + sizes + Array(header.utf8) + elements
  }

  private static func header(
    _ shape: String, type: String = "|u1", fortran: String = "False"
  ) -> String { "{'descr': '\(type)', 'fortran_order': \(fortran), 'shape': \(shape), }\n" }

  private func read(_ bytes: [UInt8]) throws -> ImageArray {
    let folder = try TemporaryFolder()
    return try ImageArray(path: folder.write(bytes, "a.npy"))
  }

  private func message(_ bytes: [UInt8]) -> String {
    do {
      _ = try read(bytes)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func readsBytesAndFloats() throws {
    let bytes = try read(
      Self.npy(Self.header("(2, 3, 1, 2)"), elements: [UInt8](repeating: 7, count: 12)))
    #expect((bytes.classes, bytes.examples, bytes.height, bytes.width) == (2, 3, 1, 2))
    // A dictionary is one whatever its spaces and quotes.
    for header in [
      "{\"descr\" : \"|u1\", \"fortran_order\" : False, \"shape\" : (2, 3, 1, 2)}",
      "{'descr':'|u1','fortran_order':False,'shape':(2,3,1,2)}",
    ] {
      let other = try read(Self.npy(header, elements: [UInt8](repeating: 7, count: 12)))
      #expect(other.classes == 2 && other.examples == 3)
    }
    let one = withUnsafeBytes(of: Float(1.5).bitPattern.littleEndian) { Array($0) }
    let floats = try read(
      Self.npy(Self.header("(1,1,1,2)", type: "<f4"), elements: one + one, version: 2))
    #expect(floats.width == 2)
  }

  @Test func refusesOtherFiles() {
    let data = [UInt8](repeating: 0, count: 12)
    let good = Self.npy(Self.header("(2, 3, 1, 2)"), elements: data)
    let cases: [([UInt8], String)] = [
      ([], "is not a .npy file"), (Array("class,example".utf8), "is not a .npy file"),
      (Array(good.prefix(9)), "truncated"), (Array(good.prefix(40)), "truncated"),
      (Array(good.dropLast()), "the file may be truncated"), (good + [0], "holds 13 bytes"),
      (Self.npy(Self.header("(2, 3, 2)"), elements: data), "has shape (2, 3, 2)"),
      (Self.npy(Self.header("(12,)"), elements: data), "expected (class, example"),
      (Self.npy(Self.header("(0, 3, 1, 2)"), elements: []), "has shape (0, 3, 1, 2)"),
      (Self.npy(Self.header("(2, 3, 1, 2)", type: "<f8"), elements: data), "type <f8"),
      (Self.npy(Self.header("(2, 3, 1, 2)", type: ">f4"), elements: data), "type >f4"),
      (Self.npy(Self.header("(2, 3, 1, 2)", fortran: "True"), elements: data), "C order"),
      (Self.npy(Self.header("(-2, 3, 1, 2)"), elements: data), "impossible shape"),
      (
        Self.npy(Self.header("(4294967296, 4294967296, 4294967296, 2)"), elements: data),
        "impossible shape"
      ),
      (Self.npy("{'shape': (2, 3, 1, 2)}", elements: data), "has no 'descr'"),
      (Self.npy("{'descr': '|u1', 'fortran_order': False}", elements: data), "has no 'shape'"),
      (Self.npy("\u{0}", elements: data), "has no 'descr'"),
      (Self.npy(Self.header("(2, 3, 1, 2)"), elements: data, version: 9), "format version 9"),
      ([0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 127], "2147483647 bytes"),
    ]
    for (bytes, words) in cases {
      #expect(message(bytes).contains(words), "\(message(bytes)) lacks \(words)")
    }
    let nan = withUnsafeBytes(of: Float.nan.bitPattern.littleEndian) { Array($0) }
    #expect(
      message(Self.npy(Self.header("(1,1,1,1)", type: "<f4"), elements: nan)).contains("not finite")
    )
  }

  /// Any damage to a header gives an error or an array, never a trap.
  @Test func survivesDamagedHeaders() {
    let good = Self.npy(Self.header("(2, 3, 1, 2)"), elements: [UInt8](repeating: 1, count: 12))
    var random = SplitMix64(seed: 9)
    for _ in 0..<300 {
      var bytes = good
      for _ in 0..<1 + random.below(4) {
        bytes[random.below(bytes.count)] = UInt8(random.below(256))
      }
      _ = message(bytes)
    }
  }

  private static let array = ImageArray(
    classes: 3, examples: 4, height: 2, width: 2, pixels: (0..<48).map { UInt8($0 * 5) })

  private func episodes(
    ways: Int = 3, shots: Int = 1, queries: Int = 2, rotations: Bool = true,
    _ array: ImageArray = Self.array
  ) throws -> ImageEpisodes {
    try ImageEpisodes(
      [("a.npy", array)], ways: ways, shots: shots, queries: queries, rotations: rotations, seed: 3)
  }

  private func draw(_ episodes: ImageEpisodes, _ number: Int, ways: Int = 3) -> [Float] {
    let counts = [(EpisodeName.support, ways), (EpisodeName.query, ways * 2)]
    var feeds: [String: UnsafeMutablePointer<Float>] = [:]
    defer { for feed in feeds.values { feed.deallocate() } }
    for (part, count) in counts {
      for (name, width) in [(EpisodeName.images, 4), (EpisodeName.labels, 1)] {
        feeds[EpisodeName.feed(part, name)] = .allocate(capacity: count * width)
      }
    }
    episodes.write(episode: number) { feeds[$0].map { UnsafeMutableRawPointer($0) } }
    return counts.flatMap { part, count in
      feeds[EpisodeName.feed(part, EpisodeName.images)].map {
        Array(UnsafeBufferPointer(start: $0, count: count * 4))
      } ?? []
    }
      + counts.flatMap { part, count in
        feeds[EpisodeName.feed(part, EpisodeName.labels)].map { labels in
          labels.withMemoryRebound(to: Int32.self, capacity: count) {
            UnsafeBufferPointer(start: $0, count: count).map(Float.init)
          }
        } ?? []
      }
  }

  @Test func numbersNameEpisodes() throws {
    let episodes = try episodes()
    #expect(episodes.classCount == 12)
    #expect(draw(episodes, 5) == draw(episodes, 5))
    #expect(draw(episodes, 5) != draw(episodes, 6))
    #expect(Array(draw(episodes, 5).suffix(9)) == [0, 1, 2, 0, 0, 1, 1, 2, 2])
    // No image stands for support and query at once.
    let images = draw(try self.episodes(rotations: false), 7).prefix(36)
    let parts = stride(from: 0, to: 36, by: 4).map { Array(images[$0..<$0 + 4]).sorted() }
    #expect(Set(parts).count == 9)
  }

  @Test func refusesEpisodesThatAreNotThere() {
    func message(_ make: () throws -> ImageEpisodes) -> String {
      do { return "\(try make().classCount)" } catch { return "\(error)" }
    }
    #expect(
      message { try episodes(ways: 4, rotations: false) }.contains("3 classes, an episode takes 4"))
    #expect(message { try episodes(queries: 4) }.contains("has 4 examples of each class"))
    let wide = ImageArray(
      classes: 3, examples: 4, height: 1, width: 2, pixels: [UInt8](repeating: 0, count: 24))
    #expect(message { try episodes(wide) }.contains("cannot be turned"))
    #expect(
      message {
        try ImageEpisodes(
          [("a.npy", Self.array), ("b.npy", wide)], ways: 2, shots: 1, queries: 1, rotations: false,
          seed: 1)
      }.contains("b.npy: has images of 1×2"))
  }

  /// A group takes part from exactly as many rows on as an episode has.
  @Test func groupsWithRowsEnough() throws {
    let folder = try TemporaryFolder()
    var text = "x,user,y\n"
    for (group, rows) in [("a", 5), ("b", 4), ("c", 6), ("d", 1)] {
      for row in 0..<rows { text += "\(row),\(group),\(row % 2)\n" }
    }
    let data = try DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "x", column: "x", kind: .numeric(.none)),
        FeatureDeclaration(name: "g", column: "user", kind: .id(.trainingData(minFrequency: 1))),
      ], labels: [LabelSchema(task: "y", column: "y", kind: .binary)]
    ).fit([try folder.write(text)]).dataset
    func groups(_ support: Int, _ query: Int) throws -> [Int] {
      let episodes = try RowEpisodes(
        data, supportRows: support, queryRows: query, seed: nil, file: "t.csv")
      return [episodes.groupCount, episodes.skippedGroups]
    }
    #expect(try groups(2, 3) == [2, 2])
    #expect(try groups(1, 3) == [3, 1])
    #expect(try groups(3, 3) == [1, 3])
    #expect(throws: DataError.self) { try groups(3, 4) }
    let episodes = try RowEpisodes(data, supportRows: 2, queryRows: 3, seed: nil, file: "t.csv")
    // Rows 2 to 4 of a, then of c; then a again.
    #expect(
      episodes.labels(episode: 0) == [[0, 1, 0]] && episodes.labels(episode: 1) == [[0, 1, 0]])
    #expect(episodes.labels(episode: 2) == episodes.labels(episode: 0))
  }

  @Test func generatedCharactersDifferByClass() {
    let generator = CharacterGenerator(examples: 3, side: 20)
    let pixels = generator.pixels(classes: 2, first: 4)
    #expect(pixels.count == 2 * 3 * 400)
    #expect(pixels == generator.pixels(classes: 2, first: 4))
    func distance(_ a: Int, _ b: Int) -> Int {
      (0..<400).reduce(0) { $0 + abs(Int(pixels[a * 400 + $1]) - Int(pixels[b * 400 + $1])) }
    }
    #expect(distance(0, 1) > 0)
    // Every class of the shipped example can be drawn.
    #expect(CharacterGenerator(examples: 20).pixels(classes: 200, first: 0).count == 200 * 20 * 784)
    #expect(pixels.max() == 255 && pixels.min() == 0)
  }
}
