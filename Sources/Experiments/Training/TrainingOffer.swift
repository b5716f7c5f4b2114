import Data
import Plan
import Runtime
import Schema

/// What a process is about to train, as far as all have to be alike.
struct TrainingOffer: Hashable {
  /// With what a difference is called.
  private static let names = [
    "another version of mtlc", "another spec", "another model or other training data",
    "other training rows", "another start", "other options",
  ]

  private var checksums: [UInt64]

  /// - Parameters:
  ///   - plan: As it was compiled.
  ///   - start: The plan with the weights and states that training begins with.
  ///   - blocks: The checksum of these where the plan has them not.
  ///   - options: What else has to be alike.
  init(
    _ plan: Plan, start: Plan, blocks: UInt64 = 0, _ data: TrainingData, options: String = ""
  ) throws {
    self.init(
      plan, rows: try Self.checksum(of: data), start: start, blocks: blocks, options: options)
  }

  /// What takes steps on made-up rows.
  /// - Parameter options: That decide how many steps there are.
  init(_ plan: Plan, options: String) { self.init(plan, rows: 0, start: plan, options: options) }

  private init(
    _ plan: Plan, rows: UInt64, start: Plan, blocks: UInt64 = 0, options: String = ""
  ) {
    func checksum(_ bytes: [UInt8]) -> UInt64 { Checksum.of(bytes, count: bytes.count) }
    var model = plan
    model.specText = ""
    // Files may lie elsewhere on another machine.
    (model.training.trainPaths, model.training.validationPaths) = ([], [])
    model.training.testPaths = []
    var first = start
    first.specText = ""
    first.training = model.training
    checksums = [
      checksum(Array(ToolVersion.text.utf8)), checksum(Array(plan.specText.utf8)),
      checksum(model.encoded()), rows, checksum(first.encoded()) ^ blocks,
      checksum(Array(options.utf8)),
    ]
  }

  /// Of all training rows in memory; of a stream, whose rows come in its own order, of their number.
  private static func checksum(of data: TrainingData) throws -> UInt64 {
    let rows = data.training.rowCount
    var sum = UInt64(rows)
    guard data.streamed == nil else { return sum }
    let block = 4096
    let memory = FeedMemory(data.training.feeds, rows: min(block, max(1, rows)))
    for start in stride(from: 0, to: rows, by: block) {
      let part = (start..<min(rows, start + block)).map { Int32(clamping: $0) }
      try part.withUnsafeBufferPointer {
        try data.training.copyRows($0, into: memory.blocks)
      }
      for (feed, bytes) in zip(memory.feeds, memory.blocks) {
        let own = Checksum.of(
          UnsafeRawBufferPointer(start: bytes, count: 4 * part.count * feed.width))
        sum = (sum << 7 | sum >> 57) ^ own
      }
    }
    return sum
  }

  /// What another process has that this one has not, in words; nil where they are alike.
  func difference(from other: TrainingOffer) -> String? {
    zip(Self.names, zip(checksums, other.checksums)).first { $0.1.0 != $0.1.1 }?.0
  }

  // MARK: Messages

  private static let textBytes = 2000

  /// An offer, or why there is none, as bytes of one size.
  static func message(_ offer: Result<TrainingOffer, ExperimentError>) -> [UInt8] {
    var bytes: [UInt8]
    switch offer {
    case .success(let offer):
      bytes =
        [0]
        + offer.checksums.flatMap { sum in
          (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
        }
    case .failure(let error):
      let kind = ExperimentError.Kind.allCases.firstIndex(of: error.kind) ?? 0
      bytes = [UInt8(1 + kind)]
      for text in [error.message, error.hint ?? ""] {
        let short = MessageText.message(text).utf8.prefix(textBytes / 2)
        bytes += [UInt8(short.count & 255), UInt8(short.count >> 8)] + short
      }
    }
    return bytes + Array(repeating: 0, count: 8 + textBytes - bytes.count)
  }

  static func read(_ message: ArraySlice<UInt8>) -> Result<TrainingOffer, ExperimentError> {
    var rest = message.dropFirst()
    guard let mark = message.first, mark > 0 else {
      var offer = TrainingOffer(checksums: [])
      for _ in names {
        let word = rest.prefix(8)
        offer.checksums.append(word.reversed().reduce(0) { $0 << 8 | UInt64($1) })
        rest = rest.dropFirst(8)
      }
      return .success(offer)
    }
    let texts = (0..<2).map { _ in
      let sizes = Array(rest.prefix(2)).map(Int.init)
      let count = sizes.count == 2 ? sizes[0] + 256 * sizes[1] : 0
      rest = rest.dropFirst(2)
      let text = String(decoding: rest.prefix(count), as: UTF8.self)
      rest = rest.dropFirst(count)
      return text
    }
    let kinds = ExperimentError.Kind.allCases
    let kind = kinds.indices.contains(Int(mark) - 1) ? kinds[Int(mark) - 1] : .internalError
    return .failure(ExperimentError(kind, texts[0], hint: texts[1].isEmpty ? nil : texts[1]))
  }

  private init(checksums: [UInt64]) { self.checksums = checksums }
}
