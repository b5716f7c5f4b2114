import Foundation
import TestSupport

/// The program under test, which lies beside this one, run in a folder.
struct ToolRun {
  struct Outcome {
    /// The exit code; nil when a signal ended the program.
    var code: Int32?
    var signal: Int32 = 0
    var errors: String

    var text: String { code.map { "exit \($0)" } ?? "signal \(signal)" }
  }

  let folder: String
  /// What the arguments are put behind, as `strace` with its own.
  var wrapper: [String] = []

  static let program: String? = {
    let own = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    guard let path = own?.appendingPathComponent("mtlc").path,
      FileManager.default.isExecutableFile(atPath: path)
    else { return nil }
    return path
  }()

  static func requireProgram() throws -> String {
    guard let program else {
      throw Fault(description: "mtlc is not beside this program; build it: swift build -c release")
    }
    return program
  }

  /// Runs to the end. A program that does not end in a minute and a half is killed: `signal` is then SIGALRM.
  /// - Parameter killAfter: Sends this signal after so many seconds.
  func run(
    _ arguments: [String], killAfter: (seconds: Double, signal: Int32)? = nil
  ) throws -> Outcome {
    let process = Process()
    let words = wrapper + [try Self.requireProgram()] + arguments
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let errors = "\(folder)/stderr"
    _ = FileManager.default.createFile(atPath: errors, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: errors) }
    process.standardError = FileHandle(forWritingAtPath: errors)
    let start = Date()
    try withSignalsOfATerminal { try process.run() }
    var isHanging = false
    var isSignalled = false
    while process.isRunning {
      let passed = Date().timeIntervalSince(start)
      if let killAfter, passed >= killAfter.seconds, !isSignalled {
        isSignalled = true
        kill(process.processIdentifier, killAfter.signal)
      }
      if passed > 90 {
        isHanging = true
        // strace lets go of the program, which has to be ended too: it is in its process group.
        kill(process.processIdentifier, SIGKILL)
      }
      usleep(2_000)
    }
    process.waitUntilExit()
    let said = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
    if isHanging { return Outcome(code: nil, signal: SIGALRM, errors: said) }
    if process.terminationReason == .uncaughtSignal {
      return Outcome(code: nil, signal: process.terminationStatus, errors: said)
    }
    return Outcome(code: process.terminationStatus, errors: said)
  }
}
