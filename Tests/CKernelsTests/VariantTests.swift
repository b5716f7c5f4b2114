import CKernels
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Choice of the instruction set")
struct VariantTests {
  @Test func theBestVariantRunsUnlessAnotherIsForced() {
    #expect(String(cString: mtlc_kernels_isa()) == kernelVariants[0])
    #expect(mtlc_kernels_force_isa("generic") == 0)
    #expect(String(cString: mtlc_kernels_isa()) == "generic")
    #expect(mtlc_kernels_force_isa("altivec") == -1)
    #expect(String(cString: mtlc_kernels_isa()) == "generic")
    mtlc_kernels_force_isa(nil)
    #expect(String(cString: mtlc_kernels_isa()) == kernelVariants[0])
  }

  #if os(Linux) && arch(x86_64)
    /// The kernel's own list of processor features says which variant has to run.
    @Test func theVariantIsTheOneThatTheProcessorHas() throws {
      let file = try #require(fopen("/proc/cpuinfo", "r"))
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 1 << 14)
      var flags: Set<Substring> = []
      while flags.isEmpty, fgets(&line, Int32(line.count), file) != nil {
        let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix("flags") { flags = Set(text.split { $0 == " " || $0 == "\n" }) }
      }
      let wide = flags.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl", "fma"])
      let expected =
        wide && flags.isSuperset(of: ["amx_tile", "amx_bf16"])
        ? "amx" : wide ? "avx512" : flags.isSuperset(of: ["avx2", "fma"]) ? "avx2" : "generic"
      #expect(kernelVariants[0] == expected)
    }
  #endif

  /// C = A·B on the calling thread with one variant.
  private func product(
    _ variant: String, _ a: [Float], _ b: [Float], m: Int, n: Int, k: Int,
    activation: mtlc_activation = MTLC_ACTIVATION_NONE
  ) -> [Float] {
    #expect(mtlc_kernels_force_isa(variant) == 0)
    defer { mtlc_kernels_force_isa(nil) }
    var c = [Float](repeating: 0, count: m * n)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          var args = mtlc_matmul_args()
          (args.m, args.n, args.k, args.groups) = (Int64(m), Int64(n), Int64(k), 1)
          (args.a, args.lda) = (a.baseAddress, Int64(k))
          (args.b, args.ldb) = (b.baseAddress, Int64(n))
          (args.c, args.ldc) = (c.baseAddress, Int64(n))
          args.activation = activation
          mtlc_matmul_run(&args, 0, mtlc_matmul_tiles(&args))
        }
      }
    }
    return c
  }

  /// Same product, every variant: equal up to the rounding of differently ordered sums.
  @Test(arguments: [(37, 51, 129), (256, 144, 499)])
  func variantsAgree(m: Int, n: Int, k: Int) {
    let a = (0..<m * k).map { Float(($0 * 37) % 101) / 50 - 1 }
    let b = (0..<k * n).map { Float(($0 * 53) % 97) / 48 - 1 }
    let results = kernelVariants.map {
      product($0, a, b, m: m, n: n, k: k, activation: MTLC_ACTIVATION_TANH)
    }
    for other in results.dropFirst() {
      for (x, y) in zip(results[0], other) { #expect(abs(x - y) < 1e-5) }
    }
  }

  /// Numbers split into three of eight bits lose nothing that a float would have kept: against
  /// double, the error beside Σ|a||b| is no larger than that of multiply-adds in float.
  @Test func everyVariantIsAsExactAsFloat() {
    let (m, n, k) = (128, 64, 512)
    var state: UInt64 = 88_172_645_463_325_252
    func number() -> Float {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      let mantissa: Float = Float(state >> 40) / 16_777_216 + 0.5
      let scale: Float = Float(1 << Int(state >> 8 & 7)) / 16
      return state & 1 == 0 ? mantissa * scale : -mantissa * scale
    }
    let a = (0..<m * k).map { _ in number() }
    let b = (0..<k * n).map { _ in number() }
    for variant in kernelVariants {
      let c = product(variant, a, b, m: m, n: n, k: k)
      var worst = 0.0
      for i in 0..<m {
        for j in 0..<n {
          var (sum, size) = (0.0, 0.0)
          for p in 0..<k {
            let term = Double(a[i * k + p]) * Double(b[p * n + j])
            sum += term
            size += abs(term)
          }
          worst = max(worst, abs(Double(c[i * n + j]) - sum) / size)
        }
      }
      #expect(worst < 5e-7, "\(variant): \(worst)")
    }
  }

  /// What is not a number stays visible wherever it enters.
  @Test func noVariantHidesNaN() {
    let (m, n, k) = (96, 64, 96)
    for poison in [Float.nan, .infinity, -.infinity, Float(bitPattern: 0x7fff_ffff)] {
      var a = [Float](repeating: 0.5, count: m * k)
      let b = [Float](repeating: 0.25, count: k * n)
      a[7 * k + 5] = poison
      for variant in kernelVariants {
        let c = product(variant, a, b, m: m, n: n, k: k)
        for j in 0..<n { #expect(!c[7 * n + j].isFinite, "\(variant), \(poison)") }
        for j in 0..<n { #expect(c[8 * n + j] == Float(k) * 0.125, "\(variant), \(poison)") }
      }
    }
  }

  @Test func peakLoopCountsItsOperations() {
    var sink: Float = 0
    #expect(mtlc_fma_peak_run(10, &sink) >= 10 * 12 * 4 * 2)
    #expect(sink.isFinite)
  }
}
