import Runtime

/// Which variant of the kernels runs, to measure and to compare others than the best one.
public enum Kernels {
  /// The variable of the environment that names one to the command.
  public static let variable = "MTLC_ISA"

  /// Has the process use another variant than the best one that the processor has: `amx`, `avx512`,
  /// `avx2` or `generic`. Called before anything is computed.
  /// - Throws: An argument error for a name that is none, or that the processor has not got.
  public static func use(_ name: String) throws(ExperimentError) {
    let available = KernelVariant.available.map(\.rawValue)
    guard let variant = KernelVariant(rawValue: name), variant.use() else {
      throw ExperimentError(
        .argument, "\(variable): this machine has no variant \"\(name)\" of the kernels",
        hint: "it has \(available.joined(separator: ", "))")
    }
  }
}
