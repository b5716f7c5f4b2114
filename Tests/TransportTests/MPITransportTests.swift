import Foundation
import TestSupport
import Testing
import Transport

/// Ranks that are processes, by each MPI that the machine has; skipped where it has none.
@Suite(.serialized) struct MPITransportTests {
  private static func worker() throws -> String {
    try #require(
      (CommandLine.arguments + Bundle.allBundles.map(\.bundlePath)).lazy
        .filter { $0.hasPrefix("/") }
        .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        .flatMap { [$0, $0.deletingLastPathComponent()] }
        .map { $0.appendingPathComponent("transport-worker").path }
        .first { FileManager.default.isExecutableFile(atPath: $0) },
      "the program transport-worker is not beside the test bundle")
  }

  @Test func bytesArrive() throws {
    for launcher in MPILauncher.present {
      for ranks in [1, 2, 4] {
        let outcome = try launcher.run(ranks, [Self.worker(), "exercise", "300017"])
        #expect(outcome.code == 0, "\(launcher): \(outcome.output)")
        for rank in 0..<ranks {
          #expect(
            outcome.output.contains("rank \(rank) of \(ranks), lib"),
            "\(launcher): \(outcome.output)")
        }
      }
    }
  }

  /// A process that ends in the middle of a call ends them all.
  @Test func oneThatGivesUpEndsTheOthers() throws {
    for launcher in MPILauncher.present {
      let start = Date()
      let outcome = try launcher.run(3, [Self.worker(), "hang", "1"])
      #expect(
        outcome.code != 0 && !outcome.output.contains("rank 0 of"),
        "\(launcher): \(outcome.output)")
      #expect(Date().timeIntervalSince(start) < 10, "\(launcher)")
    }
  }

  @Test func withoutAnMpirunTheMessageNamesIt() throws {
    let outcome = try MPILauncher.run(Self.worker(), ["exercise"])
    #expect(
      outcome.code == 1
        && outcome.output
          == "error: --mpi needs processes that an mpirun has started; run: mpirun -n 4 mtlc … --mpi\n"
    )
  }

  @Test func withoutALibraryTheNamesThatWereTriedAreTold() throws {
    func message(_ library: String) throws -> String {
      let outcome = try MPILauncher.run(
        Self.worker(), ["exercise"],
        variables: ["MTLC_MPI_LIBRARY": library, "PMI_RANK": "0", "PMI_SIZE": "2"])
      #expect(outcome.code == 1)
      return outcome.output
    }
    let absent = try message("libnone.so.1")
    #expect(
      absent.hasPrefix("error: no MPI library can be opened (tried libnone.so.1; "), "\(absent)")
    #if os(Linux)
      // A library of the system that is no MPI.
      #expect(try message("libc.so.6") == "error: libc.so.6 has no function MPI_Init_thread\n")
    #endif
  }

  /// Each process of one MPI would be alone in the library of another.
  @Test func theLibraryOfAnotherMPIIsRefused() throws {
    let launchers = MPILauncher.present
    guard launchers.count > 1 else { return print("skipped: fewer than two MPIs") }
    let libraries = ["mpirun.openmpi": "libmpich.so.12", "mpirun.mpich": "libmpi.so.40"]
    for launcher in launchers {
      let library = try #require(libraries["\(launcher)"])
      let outcome = try launcher.run(
        2, [Self.worker(), "exercise"], variables: ["MTLC_MPI_LIBRARY": library])
      #expect(
        outcome.code != 0 && outcome.output.contains("has started 2 processes, but"),
        "\(launcher): \(outcome.output)")
    }
  }
}
