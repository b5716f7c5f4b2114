import Experiments
import Schema

/// A command in one of several processes that an mpirun has started.
enum WorkerProcess {
  /// Runs the body in each process. The first tells what all of them know, each what it alone has met.
  static func run(_ body: (Workers) throws -> ExitCode) throws -> ExitCode {
    let workers = try Workers.mpi { rank in
      if let rank {
        Terminal.error(
          "mtlc: \(Terminal.red("error")): process \(rank) is gone, or its host is out of reach; the last"
            + " checkpoint, if there is one, is whole")
      }
      _exit(ExitCode.interrupted.rawValue)
    }
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
