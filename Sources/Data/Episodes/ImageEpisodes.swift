import Schema

/// Episodes of few-shot classification: some classes, some examples of each to learn from and some
/// others to classify.
package struct ImageEpisodes: EpisodeSource {
  package let height: Int
  package let width: Int
  /// Classes to choose from; a class in another turn counts as another class.
  package var classCount: Int { classes.count * turns }

  private let arrays: [ImageArray]
  /// The array and the class within it.
  private let classes: [(array: Int, number: Int)]
  private let turns: Int
  private let ways: Int
  private let shots: Int
  private let queries: Int
  private let seed: UInt64

  /// - Parameters:
  ///   - arrays: With the names of their files.
  ///   - rotations: Whether quarter turns of all images make further classes.
  /// - Throws: `DataError` when there are too few classes or examples, or sizes differ.
  package init(
    _ arrays: [(file: String, array: ImageArray)], ways: Int, shots: Int, queries: Int,
    rotations: Bool, seed: UInt64
  ) throws {
    guard let first = arrays.first else { throw DataError("there are no arrays of images") }
    for (file, array) in arrays {
      let place = DataError.Place(file: file)
      guard array.height == first.array.height, array.width == first.array.width else {
        throw DataError(
          "has images of \(array.height)×\(array.width), \(first.file) of"
            + " \(first.array.height)×\(first.array.width)", at: place)
      }
      guard array.examples >= shots + queries else {
        throw DataError(
          "has \(array.examples) examples of each class, an episode takes \(shots) to learn from"
            + " and \(queries) to classify", at: place,
          hint: "lower model.shots or model.queries")
      }
      if rotations, array.height != array.width {
        throw DataError(
          "images of \(array.height)×\(array.width) cannot be turned", at: place,
          hint: "set data.rotations to false")
      }
    }
    self.arrays = arrays.map(\.array)
    classes = arrays.enumerated().flatMap { index, entry in
      (0..<entry.array.classes).map { (index, $0) }
    }
    turns = rotations ? 4 : 1
    height = first.array.height
    width = first.array.width
    self.ways = ways
    self.shots = shots
    self.queries = queries
    self.seed = seed
    guard classCount >= ways else {
      throw DataError(
        "there are \(classes.count) classes" + (rotations ? " in four turns" : "")
          + ", an episode takes \(ways)", at: DataError.Place(file: first.file),
        hint: "lower model.ways")
    }
  }

  /// Writes an episode: images one class after the other, labels in the order in which the classes
  /// were drawn. The same number always gives the same episode.
  package func write(
    episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?
  ) {
    func images(_ part: String) -> UnsafeMutablePointer<Float>? {
      destination(EpisodeName.feed(part, EpisodeName.images))?
        .assumingMemoryBound(to: Float.self)
    }
    func labels(_ part: String) -> UnsafeMutablePointer<Int32>? {
      destination(EpisodeName.feed(part, EpisodeName.labels))?
        .assumingMemoryBound(to: Int32.self)
    }
    let support = (images(EpisodeName.support), labels(EpisodeName.support))
    let query = (images(EpisodeName.query), labels(EpisodeName.query))
    var random = SplitMix64(seed: seed, stream: UInt64(bitPattern: Int64(episode)))
    let pixels = height * width
    let chosen = Self.sample(ways, of: classCount, &random)
    for (label, number) in chosen.enumerated() {
      let (array, place) = classes[number / turns]
      let images = arrays[array]
      let examples = Self.sample(shots + queries, of: images.examples, &random)
      for (k, example) in examples.enumerated() {
        let isSupport = k < shots
        let row = isSupport ? label * shots + k : label * queries + k - shots
        let (target, labels) = isSupport ? support : query
        if let target {
          images.copy(
            place, example: example, quarters: number % turns, to: target + row * pixels)
        }
        labels?[row] = Int32(label)
      }
    }
  }

  /// `count` different numbers below `limit`, in random order.
  static func sample(_ count: Int, of limit: Int, _ random: inout SplitMix64) -> [Int] {
    // The first steps of a shuffle; `moved` holds the places that no longer hold their own number.
    var moved: [Int: Int] = [:]
    return (0..<min(count, limit)).map { place in
      let pick = place + random.below(limit - place)
      let value = moved[pick] ?? pick
      moved[pick] = moved[place] ?? place
      return value
    }
  }
}
