import Plan
import Schema
import TestSupport
import Testing

/// Plan files without their blocks of floats, which are written and read piece by piece.
@Suite struct PlanBlocksTests {
  /// The blocks of a plan in the order of the file.
  private func blocks(_ plan: Plan) -> [[Float]] {
    [plan.weights].compactMap { $0 } + (plan.progress?.states ?? [])
      + [plan.progress?.watch?.best?.weights, plan.progress?.average?.weights].compactMap { $0 }
  }

  private func emptied(_ plan: Plan) -> Plan {
    var plan = plan
    plan.weights = plan.weights.map { _ in [] }
    let states = plan.progress?.states ?? []
    plan.progress?.states = states.map { _ in [] }
    plan.progress?.watch?.best?.weights = []
    plan.progress?.average?.weights = []
    return plan
  }

  private func parts(_ bytes: [UInt8]) throws -> (plan: Plan, blocks: PlanBlocks) {
    try PlanBlocks.read(size: bytes.count) { place, count in
      Array(bytes.dropFirst(place).prefix(count))
    }
  }

  private var plans: [Plan] {
    let checkpoint = SamplePlan.plan()
    var (trained, compiled, first) = (checkpoint, checkpoint, checkpoint)
    trained.progress = nil
    (compiled.weights, compiled.progress) = (nil, nil)
    first.progress?.watch?.best = nil
    first.progress?.average = nil
    return [checkpoint, trained, compiled, first]
  }

  @Test func piecesAndBlocksAreTheFile() throws {
    for plan in plans {
      let pieces = PlanEncoder().encodeWithoutBlocks(emptied(plan))
      let blocks = blocks(plan)
      #expect(pieces.count == blocks.count + 1)
      var bytes = pieces[0]
      for (block, piece) in zip(blocks, pieces.dropFirst()) {
        bytes += block.flatMap { value in withUnsafeBytes(of: value) { Array($0) } } + piece
      }
      bytes += withUnsafeBytes(of: Checksum.of(bytes, count: bytes.count)) { Array($0) }
      #expect(bytes == plan.encoded())
    }
  }

  @Test func blocksAreFound() throws {
    for plan in plans {
      let bytes = plan.encoded()
      let (found, parts) = try parts(bytes)
      #expect(found.encoded() == emptied(plan).encoded())
      #expect(parts.checksum == Checksum.of(bytes, count: bytes.count - 8))
      let blocks = blocks(plan)
      #expect(parts.places.count == blocks.count)
      for (place, block) in zip(parts.places, blocks) {
        let own = block.flatMap { value in withUnsafeBytes(of: value) { Array($0) } }
        #expect(Array(bytes[place..<place + own.count]) == own)
      }
    }
  }

  /// The same errors as of a file that is read whole, whatever its bytes are.
  @Test func damageIsFound() throws {
    let bytes = SamplePlan.plan().encoded()
    var random = SplitMix64(seed: 5)
    for _ in 0..<600 {
      var damaged = bytes
      let place = Int(random.next() % UInt64(bytes.count))
      damaged[place] ^= UInt8(truncatingIfNeeded: random.next() | 1)
      if random.next() % 4 == 0 { damaged.removeLast(Int(random.next() % 200)) }
      #expect(throws: PlanError.self) { try parts(damaged) }
      // With a checksum that is right the bytes may be another plan, which is no worse than read whole.
      let repaired = CodecTests.repaired(damaged)
      let whole = try? Plan(decoding: repaired)
      let found = try? parts(repaired)
      #expect((whole == nil) == (found == nil), "at \(place)")
      if let whole, let found { #expect(found.plan.encoded() == emptied(whole).encoded()) }
    }
    for size in [0, 5, 19, 27, 28] {
      #expect(throws: PlanError.self) { try parts(Array(bytes.prefix(size))) }
    }
  }

  @Test func checksumsGoPieceByPiece() {
    var random = SplitMix64(seed: 3)
    for count in [0, 1, 7, 8, 31, 32, 33, 64, 1000] {
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      for step in [1, 5, 8, 32, 50] {
        var stream = Checksum.Stream()
        for start in Swift.stride(from: 0, to: count, by: step) {
          stream.add(Array(bytes[start..<min(count, start + step)]))
        }
        #expect(stream.value == Checksum.of(bytes, count: count) && stream.count == count)
      }
    }
  }
}
