import CKernels
import GraphIR
import Runtime
import TensorTypes
import Testing

/// The counter-based numbers: known answers, agreement with the compiled kernel, distribution.
@Suite struct EagerRandomTests {
  @Test func philoxKnownAnswers() {
    // The published known-answer vectors of Philox4x32-10.
    let low: SIMD4<UInt32> = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
    let high: SIMD4<UInt32> = [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    #expect(CounterRandom.philox(counter: .zero, key: 0) == low)
    #expect(CounterRandom.philox(counter: SIMD4(repeating: .max), key: .max) == high)
  }

  @Test(arguments: [0, 1, 3, 4, 1001])
  func agreesWithTheKernel(_ count: Int) {
    let seed: UInt64 = 0x1234_5678_9abc_def0
    var step: Int64 = 17
    var expected = [Float](repeating: -1, count: count)
    expected.withUnsafeMutableBufferPointer { out in
      withUnsafePointer(to: &step) { step in
        var args = mtlc_random_args()
        args.count = Int64(count)
        args.seed = seed
        args.stream = 5
        args.step = step
        args.out = out.baseAddress
        mtlc_random_run(&args, 0, mtlc_random_tiles(&args))
      }
    }
    let random = CounterRandom(seed: seed)
    #expect(random.uniforms(stream: 5, step: 17, count: count) == expected)
    #expect((0..<count).map { random.uniform(stream: 5, step: 17, index: $0) } == expected)
  }

  @Test func uniformDistribution() {
    let values = CounterRandom(seed: 9).uniforms(stream: 1, step: 2, count: 40_000).map(Double.init)
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let (mean, variance) = moments(values)
    #expect(abs(mean - 0.5) < 0.006)
    #expect(abs(variance - 1.0 / 12) < 0.002)
    let products = zip(values, values.dropFirst()).map { ($0 - 0.5) * ($1 - 0.5) }
    #expect(abs(moments(products).mean) < 0.002)
  }

  @Test func streamsAndStepsDiffer() {
    let random = CounterRandom(seed: 9)
    let base = random.uniforms(stream: 0, step: 0, count: 64)
    #expect(base != random.uniforms(stream: 1, step: 0, count: 64))
    #expect(base != random.uniforms(stream: 0, step: 1, count: 64))
    #expect(base != CounterRandom(seed: 10).uniforms(stream: 0, step: 0, count: 64))
    #expect(base == CounterRandom(seed: 9).uniforms(stream: 0, step: 0, count: 64))
  }

  @Test func startValues() {
    let start = ParameterInitializer(seed: 3, name: "experts.0.kernel")
    let normal = (0..<40_000).map { Double(start.normal($0, deviation: 2)) }
    let (mean, variance) = moments(normal)
    #expect(abs(mean) < 0.04)
    #expect(abs(variance - 4) < 0.12)
    let within = Double(normal.count { abs($0) < 2 }) / Double(normal.count)
    #expect(abs(within - 0.6827) < 0.01)
    let uniform = (0..<40_000).map { Double(start.uniform($0, limit: 3)) }
    #expect(uniform.allSatisfy { abs($0) <= 3 })
    #expect(abs(moments(uniform).variance - 3) < 0.06)
    #expect(start.normal(7, deviation: 1) == start.normal(7, deviation: 1))
    let other = ParameterInitializer(seed: 3, name: "experts.1.kernel")
    #expect(start.normal(7, deviation: 1) != other.normal(7, deviation: 1))
    let reseeded = ParameterInitializer(seed: 4, name: "experts.0.kernel")
    #expect(start.normal(7, deviation: 1) != reseeded.normal(7, deviation: 1))
    #expect(ParameterInitializer.fnv1a("") == 0xcbf2_9ce4_8422_2325)
    #expect(ParameterInitializer.fnv1a("a") == 0xaf63_dc4c_8601_ec8c)
  }

  @Test func variablesStartAsTheInitializerSays() throws {
    let float = EagerEngine<Float>(seed: 3)
    let double = EagerEngine<Double>(seed: 3)
    for initializer in [Initializer.constant(0.1), .normal(0.5), .uniform(0.25)] {
      let id = ParameterID("\(initializer)")
      let parameter = Parameter(id, .f32(4, 5), initializer)
      try float.declare(parameter)
      try double.declare(parameter)
      let values = try #require(float.variable(id)?.values)
      #expect(double.variable(id)?.values == values.map(Double.init))
      let start = ParameterInitializer(seed: 3, name: id.name)
      switch initializer {
      case .constant(let value): #expect(values.allSatisfy { $0 == Float(value) })
      case .normal(let deviation):
        #expect(values == (0..<20).map { start.normal($0, deviation: deviation) })
      case .uniform(let limit):
        #expect(values == (0..<20).map { start.uniform($0, limit: limit) })
      }
    }
  }

  private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.map { ($0 - mean) * ($0 - mean) }
    return (mean, squares.reduce(0, +) / Double(values.count))
  }
}
