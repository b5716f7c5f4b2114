/// Why an exchange did not take place.
package enum TransportError: Error, Hashable, CustomStringConvertible {
  /// No MPI library can be opened; with the names that were tried and what the system said last.
  case noLibrary(tried: [String], reason: String)

  /// The process was not started by an mpirun.
  case notLaunched

  /// The library is not that of the mpirun, so that it sees this process alone.
  case otherLauncher(launcher: String, processes: Int, library: String, ranks: Int)

  /// A library lacks a function.
  case noFunction(String, library: String)

  /// A function of the library failed.
  case failed(call: String, code: Int)

  /// A worker gave up.
  case ended(rank: Int, reason: String)

  /// Two workers do not agree on what is exchanged.
  case mismatch(String)

  /// So many workers cannot share so many micro-batches.
  case workers(Int, microBatches: Int)

  package var description: String {
    switch self {
    case .noLibrary(let tried, let reason):
      "no MPI library can be opened (tried \(tried.joined(separator: ", ")); \(reason)); install Open MPI or"
        + " MPICH, or name the library by the variable \(MPILibrary.variable)"
    case .notLaunched:
      "--mpi needs processes that an mpirun has started; run: mpirun -n 4 mtlc … --mpi"
    case .otherLauncher(let launcher, let processes, let library, let ranks):
      "\(launcher) has started \(processes) processes, but \(library) sees \(ranks): it belongs to another"
        + " MPI; use the mpirun of that MPI, or name the library by the variable"
        + " \(MPILibrary.variable)"
    case .noFunction(let name, let library): "\(library) has no function \(name)"
    case .failed(let call, let code): "\(call) failed with code \(code)"
    case .ended(let rank, let reason): "worker \(rank) ended: \(reason)"
    case .mismatch(let what): "the workers do not do the same: \(what)"
    case .workers(let count, let microBatches):
      "\(count) workers cannot share \(microBatches) micro-batches: each takes as many, and that number must"
        + " be a power of two"
    }
  }
}
