import Foundation

/// The programs of this machine that start processes of an MPI.
package struct MPILauncher: Sendable, CustomStringConvertible {
  package let path: String
  package var description: String { URL(fileURLWithPath: path).lastPathComponent }

  /// Whether it can be asked to leave processes alone when one has died. (MPICH's still ends them now and then.)
  package var canGoOn: Bool {
    (try? Self.run(path, ["--version"], variables: Self.variables))?.output.contains("open-mpi")
      == true
  }

  /// Open MPI asks for these where tests run as root on a machine of few cores.
  private static let variables = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
  ]

  package struct Outcome: Sendable {
    package var code: Int32
    /// What all processes wrote.
    package var output: String
  }

  /// Each MPI of Debian by its own name, or the one that is there. Those that start no two processes here,
  /// as where there is neither a network nor memory to share, are left out; what is skipped is said.
  package static let present: [MPILauncher] = {
    if Sanitizer.isPresent {
      print("skipped: libraries of MPI do not run below a sanitizer")
      return []
    }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let names = ["mpirun.openmpi", "mpirun.mpich", "mpirun"]
    let found = names.compactMap { name in
      folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
    let launchers = (found.count > 1 ? Array(found.dropLast()) : found).map(MPILauncher.init)
    let working = launchers.filter { launcher in
      let outcome = try? launcher.run(2, ["true"])
      if outcome?.code != 0 {
        print("skipped: \(launcher) starts no processes: \((outcome?.output ?? "").prefix(500))")
      }
      return outcome?.code == 0
    }
    if launchers.isEmpty { print("skipped: no mpirun on this machine") }
    return working
  }()

  /// Runs as many processes of a command, for a minute at most.
  ///
  /// - Parameter goesOn: Whether the others go on when one process has died.
  package func run(
    _ processes: Int, _ command: [String], in folder: String? = nil,
    variables: [String: String] = [:], goesOn: Bool = false
  ) throws -> Outcome {
    try Self.run(
      path, (goesOn ? ["--enable-recovery"] : []) + ["-n", "\(processes)"] + command, in: folder,
      variables: Self.variables.merging(variables) { $1 })
  }

  /// Runs a program, for a minute at most.
  package static func run(
    _ program: String, _ arguments: [String], in folder: String? = nil,
    variables: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
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
    return Outcome(
      code: process.terminationStatus, output: String(decoding: text, as: UTF8.self))
  }
}
