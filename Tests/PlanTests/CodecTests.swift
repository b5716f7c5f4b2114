import Plan
import Schema
import Testing

@Suite struct CodecTests {
  /// A copy of the bytes with the length and the checksum made right again.
  static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= PlanFormat.headerBytes + PlanFormat.checksumBytes else { return bytes }
    var writer = bytes
    let body = bytes.count - PlanFormat.checksumBytes
    func put(_ value: UInt64, _ place: Int) {
      for byte in 0..<8 { writer[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    }
    put(UInt64(bytes.count), PlanFormat.lengthPlace)
    put(Checksum.of(writer, count: body), body)
    return writer
  }

  @Test func roundTrip() throws {
    var plan = SamplePlan.plan()
    // NaN compares unequal to itself; its bits are compared below.
    let bytes = plan.encoded()
    #expect(try PlanDecoder().decode(bytes).encoded() == bytes)
    plan.progress = nil
    #expect(try Plan(decoding: plan.encoded()) == plan)
    plan.weights = nil
    #expect(try Plan(decoding: plan.encoded()) == plan)
  }

  @Test func everyCodeIsInItsTable() throws {
    var plan = SamplePlan.plan()
    plan.progress = nil
    for kind in Optimizer.Kind.allCases {
      plan.training.optimizer.kind = kind
      #expect(try PlanDecoder().decode(plan.encoded()) == plan)
    }
    let shapes: [LearningRateSchedule.Shape] = [
      .constant, .step(factor: 0.5), .exponential(factor: 2), .cosine(final: 0.1),
    ]
    for shape in shapes {
      plan.training.schedule.shape = shape
      #expect(try PlanDecoder().decode(plan.encoded()) == plan)
    }
    for span in [LearningRateSchedule.Span.steps(3), .epochs(0.5), .rest] {
      plan.training.schedule.period = span
      #expect(try PlanDecoder().decode(plan.encoded()) == plan)
    }
    let weightings: [TaskWeighting] = [
      .fixed, .uncertainty, .dynamicAverage(temperature: 2), .pcGrad,
      .gradNorm(alpha: 1, learningRate: 0.5),
    ]
    for weighting in weightings {
      plan.training.taskWeighting = weighting
      #expect(try PlanDecoder().decode(plan.encoded()) == plan)
    }
    for precision in MatmulPrecision.allCases {
      plan.training.kernels.matmulPrecision = precision
      #expect(try PlanDecoder().decode(plan.encoded()) == plan)
    }
    for kind in Program.Kind.allCases {
      plan.programs[0].kind = kind
      #expect(try PlanDecoder().decode(plan.encoded()) == plan)
    }
    for kind in ReduceInstruction.Kind.allCases {
      let view = SamplePlan.vector(0, 1)
      let reduce = ReduceInstruction(kind: kind, input: view, reduced: [true], output: view)
      plan.programs[0].instructions = [.reduce(reduce)]
      #expect(try PlanDecoder().decode(plan.encoded()) == plan)
    }
    let steps = ElementwiseInstruction.Operation.allCases.map {
      ElementwiseInstruction.Step($0, destination: 1, a: 2, b: 3, c: 4, immediate: -0.5)
    }
    plan.programs[0].instructions = [
      .elementwise(ElementwiseInstruction(extents: [], views: [], steps: steps))
    ]
    #expect(try PlanDecoder().decode(plan.encoded()) == plan)
  }

  @Test func everyTruncationIsFound() {
    let bytes = SamplePlan.plan().encoded()
    for count in 0..<bytes.count {
      #expect(throws: PlanError.self) { try Plan(decoding: Array(bytes[..<count])) }
    }
    #expect(throws: PlanError.self) { try Plan(decoding: bytes + [0]) }
  }

  @Test func everyFlippedByteIsFound() {
    let bytes = SamplePlan.plan().encoded()
    for index in bytes.indices {
      for flip: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = bytes
        damaged[index] ^= flip
        #expect(throws: PlanError.self, "byte \(index) ^ \(flip)") {
          try Plan(decoding: damaged)
        }
      }
    }
  }

  @Test func errorsSayWhatIsWrong() {
    let bytes = SamplePlan.plan().encoded()
    #expect(throws: PlanError.notAPlan) { try Plan(decoding: Array("name,age\n".utf8)) }
    #expect(throws: PlanError.notAPlan) { try Plan(decoding: []) }
    #expect(throws: PlanError.truncated(expected: UInt64(bytes.count), found: 100)) {
      try Plan(decoding: Array(bytes[..<100]))
    }
    var other = bytes
    other[PlanFormat.versionPlace] = 99
    #expect(throws: PlanError.otherVersion(found: 99, supported: PlanFormat.readable)) {
      try Plan(decoding: Self.repaired(other))
    }
    var flipped = bytes
    flipped[PlanFormat.versionPlace] = 99
    #expect { try Plan(decoding: flipped) } throws: { "\($0)".hasPrefix("damaged plan") }
    let text = "\(PlanError.otherVersion(found: 9, supported: 1...1))"
    #expect(text.contains("version 9") && text.contains("newer mtlc"))
    let several = "\(PlanError.otherVersion(found: 3, supported: 4...6))"
    #expect(several.contains("versions 4 to 6") && !several.contains("newer mtlc"))
  }

  /// With a right checksum the decoder and the validator face what is behind it. Whatever happens,
  /// they must not trap, and what they let through must decode to itself again.
  @Test func mutationsWithARightChecksumNeverTrap() throws {
    let plan = SamplePlan.plan()
    let bytes = plan.encoded()
    var caught = 0
    for index in PlanFormat.headerBytes..<(bytes.count - PlanFormat.checksumBytes) {
      for value in [UInt8(truncatingIfNeeded: index &* 167), bytes[index] &+ 2]
      where value != bytes[index] {
        var mutated = bytes
        mutated[index] = value
        do {
          _ = try Plan(decoding: Self.repaired(mutated))
        } catch {
          caught += 1
        }
      }
    }
    // Of two mutations a byte more than half. An average of weights may be any numbers.
    let free = 4 * (plan.progress?.average?.weights.count ?? 0)
    #expect(free > 0 && caught > bytes.count - free)
  }

  @Test func randomMutationsWithARightChecksumNeverTrap() {
    let bytes = SamplePlan.plan().encoded()
    var state: UInt64 = 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<2000 {
      var mutated = bytes
      for _ in 0...random(4) {
        let place = PlanFormat.headerBytes + random(mutated.count - PlanFormat.headerBytes)
        switch random(3) {
        case 0: mutated[place] = UInt8(random(256))
        case 1: mutated.insert(UInt8(random(256)), at: place)
        default: mutated.remove(at: place)
        }
      }
      _ = try? Plan(decoding: Self.repaired(mutated))
    }
  }
}
