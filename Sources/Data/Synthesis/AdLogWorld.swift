/// What a made-up log of Ali-CCP's shape is drawn from.
///
/// Both logits are sums over the fields of what the field's ids add; several ids of a field add their
/// mean. What an id adds is drawn at random once, from a distribution that is narrower for rarer ids,
/// since no model can learn the effect of an id that hardly occurs. With enough rows a model comes
/// close to the best AUC.
struct AdLogWorld: Sendable {
  struct Chunk: Sendable {
    var text: [UInt8] = []
    /// The probabilities of a click and of a purchase, and what came.
    var truth: [[Double]] = [[], []]
    var labels: [[Bool]] = [[], []]
  }

  private struct Field: Sendable {
    var first: Int
    var count: Int
    var hasSeveral: Bool
    /// (count + 1) to the power of k/2⁸, k/2¹⁶ and k/2²⁴.
    var powers: [[Double]]
  }

  private let seed: UInt64
  private let fields: [Field]
  /// By id, what it adds to the logits of a click and of a purchase after one.
  private let effects: [SIMD2<Float>]

  /// The ranks of ids whose effects have half of the full variance: effects on clicks, and effects on
  /// purchases alone, which only the rows with a click show.
  private static let halves = (click: 60.0, purchase: 30.0)
  private static let offsets = (click: -4.6, purchase: -3.6)

  init(seed: UInt64) {
    self.seed = seed
    var fields: [Field] = []
    var effects: [SIMD2<Float>] = []
    for (index, field) in AdLogGenerator.fields.enumerated() {
      let logarithm = Self.naturalLogarithm(field.count + 1)
      let powers = [0x1p-8, 0x1p-16, 0x1p-24].map { unit in
        (0..<256).map { PortableMath.exp(logarithm * Double($0) * unit) }
      }
      fields.append(
        Field(
          first: effects.count, count: field.count,
          hasSeveral: AdLogGenerator.several.contains(field.name), powers: powers))
      // Fields differ in how much they tell.
      let scale = 0.12 + 0.5 * Double((index * 7) % 23) / 23
      for place in 0..<field.count {
        effects.append(Self.effect(effects.count, place: place, scale: scale, seed: seed))
      }
    }
    self.fields = fields
    self.effects = effects
  }

  /// Drawn from the id's number. What moves a click moves a purchase half as much.
  private static func effect(
    _ id: Int, place: Int, scale: Double, seed: UInt64
  ) -> SIMD2<Float> {
    var random = SplitMix64(seed: seed ^ 0xA5A5_1234_9E37_79B9, stream: UInt64(id))
    func draw() -> Double {
      2 * scale * (random.uniform() + random.uniform() + random.uniform() - 1.5)
    }
    let click = draw() / (1 + Double(place) / halves.click).squareRoot()
    let own = draw() / (1 + Double(place) / halves.purchase).squareRoot()
    return SIMD2(Float(click), Float(0.5 * click + 0.85 * own))
  }

  /// These rows of a log, from a stream of random numbers.
  func chunk(rows: Range<Int>, stream: UInt64) -> Chunk {
    var random = SplitMix64(seed: seed, stream: stream)
    var chunk = Chunk()
    chunk.text.reserveCapacity(rows.count * 256)
    var cells: [UInt8] = []
    for row in rows {
      cells.removeAll(keepingCapacity: true)
      var scores = SIMD2(Self.offsets.click, Self.offsets.purchase)
      for field in fields {
        cells.append(UInt8(ascii: ","))
        let ids = field.hasSeveral ? 1 + random.below(3) : 1
        var sum = SIMD2<Double>()
        for place in 0..<ids {
          let id = field.first + Self.zipf(field, &random)
          if place > 0 { cells.append(UInt8(ascii: " ")) }
          Self.append(id, to: &cells)
          sum += SIMD2<Double>(effects[id])
        }
        scores += sum / Double(ids)
      }
      let click = PortableMath.sigmoid(scores[0])
      let purchase = PortableMath.sigmoid(scores[1])
      let clicked = random.uniform() < click
      let purchased = clicked && random.uniform() < purchase
      Self.append(row, to: &chunk.text)
      chunk.text.append(contentsOf: clicked ? ",1".utf8 : ",0".utf8)
      chunk.text.append(contentsOf: purchased ? ",1".utf8 : ",0".utf8)
      chunk.text += cells
      chunk.text.append(10)
      chunk.truth[0].append(click)
      chunk.truth[1].append(click * purchase)
      chunk.labels[0].append(clicked)
      chunk.labels[1].append(purchased)
    }
    return chunk
  }

  /// A place in 0..<count whose chance falls like 1 / (place + 1): the power of a uniform number,
  /// digit by digit.
  private static func zipf(_ field: Field, _ random: inout SplitMix64) -> Int {
    let digits = Int(random.next() >> 40)
    let power =
      field.powers[0][digits >> 16] * field.powers[1][digits >> 8 & 255]
      * field.powers[2][digits & 255]
    return min(field.count - 1, max(0, Int(power - 1)))
  }

  /// ln n by halving: exact enough, and the same everywhere.
  private static func naturalLogarithm(_ n: Int) -> Double {
    var mantissa = Double(n)
    var exponent = 0.0
    while mantissa > 1.5 {
      mantissa /= 2
      exponent += 1
    }
    let t = (mantissa - 1) / (mantissa + 1)
    var (power, sum) = (t, 0.0)
    for k in stride(from: 1, through: 41, by: 2) {
      sum += power / Double(k)
      power *= t * t
    }
    return 2 * sum + exponent * 0.6931471805599453
  }

  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    var divisor = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      bytes.append(48 + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }
}
