/// Made-up characters of many handwritings: each class is a few curved strokes, and each example draws
/// them a little differently. Bright on dark, like Omniglot.
package struct CharacterGenerator: Sendable {
  package var seed: UInt64
  package var examples: Int
  package var side: Int

  package init(seed: UInt64 = 2026, examples: Int = 20, side: Int = 28) {
    self.seed = seed
    self.examples = examples
    self.side = side
  }

  private struct Point {
    var x, y: Double
  }

  /// A quadratic Bézier curve in the unit square.
  private typealias Stroke = [Point]

  /// Writes a `.npy` file `[class, example, side, side]` of uint8.
  /// - Parameter first: The number of the first class; files of other numbers share no class.
  /// - Throws: `FileError`.
  package func write(_ path: String, classes: Int, first: Int) throws {
    let bytes = ImageArray.npy(
      classes: classes, examples: examples, height: side, width: side,
      pixels: pixels(classes: classes, first: first))
    try AtomicFile.write(bytes, to: path)
  }

  /// The images of some classes, row-major.
  package func pixels(classes: Int, first: Int) -> [UInt8] {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(classes * examples * side * side)
    for number in first..<first + classes {
      var random = SplitMix64(seed: seed, stream: UInt64(number))
      let strokes = (0..<2 + random.below(3)).map { _ in stroke(&random) }
      for _ in 0..<examples { pixels += drawn(strokes, &random) }
    }
    return pixels
  }

  private func stroke(_ random: inout SplitMix64) -> Stroke {
    (0..<3).map { _ in
      Point(x: 0.12 + 0.76 * random.uniform(), y: 0.12 + 0.76 * random.uniform())
    }
  }

  /// An example of the strokes: their points are displaced, and the whole is turned, scaled and moved.
  private func drawn(_ strokes: [Stroke], _ random: inout SplitMix64) -> [UInt8] {
    let (turn, scale) = (0.12 * random.normal(), 1 + 0.07 * random.normal())
    let (right, down) = (0.04 * random.normal(), 0.04 * random.normal())
    let thickness = 0.9 + 0.5 * random.uniform()
    var ink = [Double](repeating: 0, count: side * side)
    let size = Double(side)
    for stroke in strokes {
      let points = stroke.map { point in
        let x = point.x - 0.5 + 0.03 * random.normal()
        let y = point.y - 0.5 + 0.03 * random.normal()
        // A small turn: exact enough, and the same bits everywhere.
        return Point(
          x: (scale * (x - turn * y) + 0.5 + right) * size,
          y: (scale * (y + turn * x) + 0.5 + down) * size)
      }
      let count = 3 * side
      for step in 0...count {
        let t = Double(step) / Double(count)
        let (a, b, c) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
        dab(
          &ink, x: a * points[0].x + b * points[1].x + c * points[2].x,
          y: a * points[0].y + b * points[1].y + c * points[2].y, radius: thickness)
      }
    }
    return ink.map { UInt8(255 * min(1, $0)) }
  }

  /// A round spot with a soft edge; spots do not add up.
  private func dab(_ ink: inout [Double], x: Double, y: Double, radius: Double) {
    let reach = radius + 1
    // A spot may lie beyond the edge, wholly or in part.
    func range(_ center: Double) -> Range<Int> {
      let first = Int(min(Double(side), max(0, center - reach)))
      return first..<max(first, Int(min(Double(side), max(0, center + reach + 1))))
    }
    for i in range(y) {
      for j in range(x) {
        let (dx, dy) = (Double(j) + 0.5 - x, Double(i) + 0.5 - y)
        let distance = (dx * dx + dy * dy).squareRoot()
        ink[i * side + j] = max(ink[i * side + j], min(1, max(0, radius + 0.5 - distance)))
      }
    }
  }
}
