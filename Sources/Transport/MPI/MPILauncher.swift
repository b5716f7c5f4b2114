import Schema

/// What the environment tells of the program that started this process and others.
struct MPILauncher: Hashable {
  var name: String

  /// How many processes it started; nil where it does not say.
  var processes: Int?

  /// The names of the libraries that may belong to it, the likeliest first.
  var libraries: [String]

  private static let openMPI = ["libmpi.so.40", "libmpi.40.dylib"]
  private static let mpich = ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"]
  private static let standard = ["libmpi_abi.so.0", "libmpi_abi.so", "libmpi_abi.0.dylib"]

  /// Nil where no launcher has left a word.
  init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func number(_ names: String...) -> Int? {
      names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
    }
    if let processes = number("OMPI_COMM_WORLD_SIZE") {
      (name, self.processes) = ("the mpirun of Open MPI", processes)
      libraries = Self.openMPI + Self.standard + Self.mpich
    } else if number("PMI_RANK") != nil || number("MV2_COMM_WORLD_RANK") != nil {
      name = "the mpirun of MPICH"
      processes = number("PMI_SIZE", "MV2_COMM_WORLD_SIZE")
      libraries = Self.mpich + Self.standard + Self.openMPI
    } else if number("PMIX_RANK") != nil {
      (name, processes) = ("srun", number("SLURM_NTASKS"))
      libraries = Self.openMPI + Self.mpich + Self.standard
    } else {
      return nil
    }
  }
}
