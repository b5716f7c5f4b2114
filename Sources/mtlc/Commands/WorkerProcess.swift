import Experiments

/// A command in one of several processes that an mpirun has started.
enum WorkerProcess {
  /// Runs the body in each process. The first tells what all of them know, each what it alone has met.
  static func run(_ body: (Workers) throws -> ExitCode) throws -> ExitCode {
    let workers = try Workers.mpi()
    func tell(_ error: ExperimentError, isOwn: Bool) {
      let place = isOwn ? "process \(workers.rank): " : ""
      Terminal.error("mtlc: \(Terminal.red("error")): \(place)\(error)")
    }
    do {
      return try workers.run(tell: tell) { try body(workers) }
    } catch {
      return ExitCode(error.kind)
    }
  }
}
