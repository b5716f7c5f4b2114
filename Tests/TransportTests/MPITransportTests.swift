import Foundation
import Testing
import Transport

/// Ranks that are processes, by each MPI that the machine has; skipped where it has none.
@Suite(.serialized) struct MPITransportTests {
  private static let launchers = ["mpirun.openmpi", "mpirun.mpich", "mpirun"]

  private static func path(_ program: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Those of Debian by their own names, else the one that is there.
  private static var present: [String] {
    let found = launchers.compactMap { path($0) }
    return found.count > 1 ? found.dropLast() : found
  }

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

  private func run(
    _ program: String, _ arguments: [String], _ variables: [String: String] = [:]
  ) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    // Open MPI asks for these where tests run as root on a machine of few cores.
    process.environment = ProcessInfo.processInfo.environment.merging(
      [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
      ].merging(variables) { $1 }
    ) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let late = DispatchWorkItem { process.terminate() }
    DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: late)
    defer { late.cancel() }
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  /// Those that can start two processes here: some machines give an MPI no network and no memory to share.
  private func present() throws -> [String] {
    let found = try Self.present.filter { launcher in
      let (code, output) = try run(launcher, ["-n", "2", "true"])
      if code != 0 { print("skipped: \(launcher) starts no processes: \(output.prefix(500))") }
      return code == 0
    }
    if found.isEmpty { print("skipped: no mpirun on this machine") }
    return found
  }

  @Test func bytesArrive() throws {
    for launcher in try present() {
      for ranks in [1, 2, 4] {
        let (code, output) = try run(
          launcher, ["-n", "\(ranks)", try Self.worker(), "exercise", "300017"])
        #expect(code == 0, "\(launcher): \(output)")
        for rank in 0..<ranks {
          #expect(output.contains("rank \(rank) of \(ranks), lib"), "\(launcher): \(output)")
        }
      }
    }
  }

  /// A process that ends in the middle of a call ends them all.
  @Test func oneThatGivesUpEndsTheOthers() throws {
    for launcher in try present() {
      let start = Date()
      let (code, output) = try run(launcher, ["-n", "3", try Self.worker(), "hang", "1"])
      #expect(code != 0 && !output.contains("rank 0 of"), "\(launcher): \(output)")
      #expect(Date().timeIntervalSince(start) < 10, "\(launcher)")
    }
  }

  @Test func withoutAnMpirunTheMessageNamesIt() throws {
    let (code, output) = try run(try Self.worker(), ["exercise"])
    #expect(
      code == 1
        && output
          == "error: --mpi needs processes that an mpirun has started; run: mpirun -n 4 mtlc …"
          + " --mpi\n"
    )
  }

  @Test func withoutALibraryTheNamesThatWereTriedAreTold() throws {
    let (code, output) = try run(
      try Self.worker(), ["exercise"],
      ["MTLC_MPI_LIBRARY": "libnone.so.1", "PMI_RANK": "0", "PMI_SIZE": "2"])
    #expect(code == 1)
    #expect(
      output.hasPrefix("error: no MPI library can be opened (tried libnone.so.1; "), "\(output)")
    // A library of the system that is no MPI.
    let (other, text) = try run(
      try Self.worker(), ["exercise"],
      ["MTLC_MPI_LIBRARY": "libc.so.6", "PMI_RANK": "0", "PMI_SIZE": "2"])
    #expect(other == 1)
    #if os(Linux)
      #expect(text == "error: libc.so.6 has no function MPI_Init_thread\n")
    #endif
  }

  /// Each process of one MPI would be alone in the library of another.
  @Test func theLibraryOfAnotherMPIIsRefused() throws {
    let launchers = try present()
    guard launchers.count > 1 else { return print("skipped: fewer than two MPIs") }
    let libraries = ["mpirun.openmpi": "libmpich.so.12", "mpirun.mpich": "libmpi.so.40"]
    for launcher in launchers {
      let name = URL(fileURLWithPath: launcher).lastPathComponent
      let (code, output) = try run(
        launcher, ["-n", "2", try Self.worker(), "exercise"],
        ["MTLC_MPI_LIBRARY": try #require(libraries[name])])
      #expect(code != 0 && output.contains("has started 2 processes, but"), "\(name): \(output)")
    }
  }
}
