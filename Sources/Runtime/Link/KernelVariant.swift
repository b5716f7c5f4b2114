import CKernels

/// The variants of the kernels, each for a set of instructions.
package enum KernelVariant: String, CaseIterable {
  /// `amx` is `avx512` with tiles for large products; `generic` runs on every processor.
  case amx, avx512, avx2, generic

  /// The one that runs: the best that this machine has, unless another was chosen.
  package static var current: String { String(cString: mtlc_kernels_isa()) }

  /// Those that this machine has, the best first.
  package static var available: [KernelVariant] {
    let chosen = current
    defer { mtlc_kernels_use_isa(chosen) }
    return allCases.filter { mtlc_kernels_use_isa($0.rawValue) == 0 }
  }

  /// Has all threads use it from now on.
  /// - Returns: false when this machine has not got it.
  package func use() -> Bool { mtlc_kernels_use_isa(rawValue) == 0 }
}
