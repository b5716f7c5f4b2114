import CKernels
import CKernelsSelfTest
import Testing

/// The variants that this machine and build can run, the best one first.
let kernelVariants: [String] = ["amx", "avx512", "avx2", "generic"].filter { name in
  defer { mtlc_kernels_force_isa(nil) }
  return mtlc_kernels_force_isa(name) == 0
}

/// One kernel family's self-test: C code that compares with plain loops in double, runs partial
/// tile ranges and expects the same bits.
struct SelfTest: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let run: @convention(c) () -> Void

  static let all = [
    SelfTest(testDescription: "matmul", run: selftest_matmul),
    SelfTest(testDescription: "optimizer", run: selftest_optimizer),
    SelfTest(testDescription: "sparse", run: selftest_sparse),
    SelfTest(testDescription: "convolution", run: selftest_convolution),
    SelfTest(testDescription: "elementwise", run: selftest_elementwise),
    SelfTest(testDescription: "reduce", run: selftest_reduce),
    SelfTest(testDescription: "softmax", run: selftest_softmax),
    SelfTest(testDescription: "mixture", run: selftest_mixture),
    SelfTest(testDescription: "embedding", run: selftest_embedding),
    SelfTest(testDescription: "group", run: selftest_group),
    SelfTest(testDescription: "onehot", run: selftest_onehot),
    SelfTest(testDescription: "random", run: selftest_random),
  ]
}

@Suite("Kernels against plain loops, in every variant")
struct KernelTests {
  @Test(arguments: SelfTest.all, kernelVariants)
  func agreesWithPlainLoops(test: SelfTest, variant: String) {
    // Forcing a variant concerns this thread alone, and a synchronous test stays on it.
    #expect(mtlc_kernels_force_isa(variant) == 0)
    defer { mtlc_kernels_force_isa(nil) }
    #expect(String(cString: mtlc_kernels_isa()) == variant)
    selftest_begin()
    test.run()
    #expect(selftest_checks() > 0)
    #expect(selftest_failures() == 0, "\(String(cString: selftest_message()))")
  }
}
