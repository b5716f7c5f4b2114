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
      let expected =
        flags.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl", "fma"])
        ? "avx512" : flags.isSuperset(of: ["avx2", "fma"]) ? "avx2" : "generic"
      #expect(kernelVariants[0] == expected)
    }
  #endif

  /// Same product, every variant: equal up to the rounding of differently ordered sums.
  @Test func variantsAgree() {
    let (m, n, k) = (37, 51, 129)
    let a = (0..<m * k).map { Float(($0 * 37) % 101) / 50 - 1 }
    let b = (0..<k * n).map { Float(($0 * 53) % 97) / 48 - 1 }
    let results = kernelVariants.map { variant in
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
            args.activation = Int32(MTLC_ACTIVATION_TANH)
            mtlc_matmul_run(&args, 0, mtlc_matmul_tiles(&args))
          }
        }
      }
      return c
    }
    for other in results.dropFirst() {
      for (x, y) in zip(results[0], other) { #expect(abs(x - y) < 1e-5) }
    }
  }

  @Test func peakLoopCountsItsOperations() {
    var sink: Float = 0
    #expect(mtlc_fma_peak_run(10, &sink) >= 10 * 12 * 4 * 2)
    #expect(sink.isFinite)
  }
}
