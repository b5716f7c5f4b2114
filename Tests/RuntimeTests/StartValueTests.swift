import CKernels
import Plan
import Runtime
import TensorTypes
import Testing

@Suite("Start values of parameters")
struct StartValueTests {
  private static let variants = ["amx", "avx512", "avx2", "generic"]

  private func drawn(_ count: Int, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      filled = count
    }
  }

  /// Across the place where the number of an element outgrows 32 bits, in every variant.
  @Test(arguments: variants)
  func manyAtATimeAreThoseOneByOne(variant: String) {
    guard mtlc_kernels_force_isa(variant) == 0 else { return }
    defer { mtlc_kernels_force_isa(nil) }
    let start = ParameterInitializer(seed: 7, name: "table")
    for first in [0, 5, 1 << 32 - 9001] {
      for count in [1, 3, 16, 17, 20_001] {
        let normal = drawn(count) { start.fillNormal($0, from: first, deviation: 0.02) }
        let same = (0..<count).allSatisfy {
          normal[$0].bitPattern == start.normal(first + $0, deviation: 0.02).bitPattern
        }
        #expect(same, "normal, \(count) from \(first)")
        let uniform = drawn(count) { start.fillUniform($0, from: first, limit: 0.3) }
        let alike = (0..<count).allSatisfy {
          uniform[$0].bitPattern == start.uniform(first + $0, limit: 0.3).bitPattern
        }
        #expect(alike, "uniform, \(count) from \(first)")
      }
    }
  }

  /// Where the vectors' last bits could matter, the element is computed one by one: the same bits
  /// for scales whose results are subnormal, infinite or zero, too.
  @Test(arguments: [1e-40, 1e-38, 1e38, 3e38, 1e300, 0.0, -1.5, .infinity])
  func extremeScales(deviation: Double) {
    let start = ParameterInitializer(seed: 1, name: "x")
    // From the middle of a parameter: the number of an element counts from its first one.
    let values = drawn(2000) { start.fillNormal($0, from: 700, deviation: deviation) }
    let same = (0..<2000).allSatisfy {
      values[$0].bitPattern == start.normal(700 + $0, deviation: deviation).bitPattern
    }
    #expect(same)
  }

  /// Large parameters are drawn by all threads, those with gaps row by row.
  @Test(arguments: [1, 2, 3])
  func sharedBetweenThreads(threads: Int) throws {
    var b = PlanBuilder(.train, capacity: 4)
    let block = b.parameter("block", 9000, 40)
    b.add(.fill(b.gradient(of: block), 0))
    var plan = b.plan()
    func record(
      _ name: String, _ offset: Int, _ columns: Int, _ initializer: Initializer
    ) -> ParameterRecord {
      ParameterRecord(
        name: name, shape: [9000, columns], offset: offset, rows: 9000, columns: columns,
        rowStride: 40, initializer: initializer, isTrainable: true, l2: 0)
    }
    plan.parameters = [
      record("left", 0, 12, .normal(1)), record("middle", 12, 9, .uniform(0.5)),
      record("right", 21, 8, .constant(0.25)),
    ]
    let session = try Session(plan: plan, threads: threads)
    session.initialize(seed: 11)
    let left = ParameterInitializer(seed: 11, name: "left")
    let middle = ParameterInitializer(seed: 11, name: "middle")
    #expect(
      try session.parameter("left") == (0..<9000 * 12).map { left.normal($0, deviation: 1) })
    #expect(
      try session.parameter("middle") == (0..<9000 * 9).map { middle.uniform($0, limit: 0.5) })
    #expect(try session.parameter("right").allSatisfy { $0 == 0.25 })
    #expect(session.weights[29..<40].allSatisfy { $0 == 0 })
  }
}
