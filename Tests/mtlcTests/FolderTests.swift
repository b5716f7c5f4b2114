import Foundation
import Testing

/// Folders of results: one run at a time, nothing left of runs that failed, were killed or stopped.
@Suite struct FolderTests {
  /// Starts the tool with a standard input that holds a text and stays open.
  private func start(
    _ bench: Workbench, _ arguments: [String], input text: String = ""
  ) throws -> (Process, Pipe) {
    let process = Process()
    process.executableURL = try #require(Tool.binary)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: bench.path)
    let input = Pipe()
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try process.run()
    return (process, input)
  }

  /// Waits until the folder has a file with these letters in its name that stays.
  private func wait(for letters: String, _ bench: Workbench, in folder: String = "") throws {
    var last: String?
    for _ in 0..<300 {
      let names = try? FileManager.default.contentsOfDirectory(atPath: "\(bench.path)/\(folder)")
      let found = names?.first { $0.contains(letters) }
      if found != nil, found == last { return }
      last = found
      usleep(200_000)
    }
    Issue.record("no file \(letters)")
  }

  @Test func aFailedRunLeavesNoFolder() throws {
    let bench = try Workbench()
    try bench.expectFailure(
      3, ["train", "spec.json5", "--set", "training.epochz=1", "-o", "a/b"], says: ["epochz"])
    try bench.write("click\n1\n", to: "train.csv")
    try bench.expectFailure(4, ["train", "spec.json5", "-o", "a/b"], says: ["train.csv"])
    try bench.expectFailure(4, ["data", "convert", "spec.json5", "-o", "a/b"], says: ["train.csv"])
    // A folder that was there stays.
    try FileManager.default.createDirectory(
      atPath: "\(bench.path)/c", withIntermediateDirectories: false)
    try bench.expectFailure(4, ["train", "spec.json5", "-o", "c"], says: ["train.csv"])
  }

  @Test func oneRunAtATimeWritesIntoAFolder() throws {
    let bench = try Workbench()
    // It waits for its spec, with the folder locked.
    let (process, input) = try start(bench, ["train", "-", "-o", "out"])
    try wait(for: "lock", bench, in: "out")
    usleep(200_000)
    try bench.expectFailure(
      7, ["train", "spec.json5", "-o", "out"],
      says: ["another run", "process \(process.processIdentifier)", "since 2"])
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(!bench.files.contains("out"))
    withExtendedLifetime(input) {}
    // The lock of a killed process is free.
    let (killed, pipe) = try start(bench, ["train", "-", "-o", "out"])
    try wait(for: "lock", bench, in: "out")
    kill(killed.processIdentifier, SIGKILL)
    killed.waitUntilExit()
    withExtendedLifetime(pipe) {}
    try bench.expect(0, ["train", "spec.json5", "--checkpoint", "-o", "out", "-q"])
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(bench.path)/out").sorted()
    #expect(names == ["metrics.json", "plan.bin"])
    try bench.expectFailure(
      6, ["train", "spec.json5", "-o", "out", "--resume"], says: ["no checkpoint", "is done"])
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT]) func aSignalLeavesNothing(signal: Int32) throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out", "-q"])
    let before = bench.files
    let (process, input) = try start(
      bench, ["run", "out/plan.bin", "--predict", "-", "-o", "rows.csv"],
      input: bench.text("test.csv"))
    try wait(for: "rows.csv", bench)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == signal)
    #expect(bench.files == before)
    withExtendedLifetime(input) {}
  }

  @Test func whatAKilledProcessLeftIsSwept() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out", "-q"])
    let before = bench.files
    let (process, input) = try start(
      bench, ["run", "out/plan.bin", "--predict", "-", "-o", "rows.csv"],
      input: bench.text("test.csv"))
    try wait(for: "rows.csv", bench)
    // A file that is being written is left alone.
    try bench.expect(0, ["run", "out/plan.bin", "--predict", "test.csv", "-o", "a.csv", "-q"])
    #expect(bench.files.contains { $0.hasSuffix(".tmp") })
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    withExtendedLifetime(input) {}
    #expect(bench.files.contains { $0.hasSuffix(".tmp") })
    try bench.expect(0, ["run", "out/plan.bin", "--predict", "test.csv", "-o", "b.csv", "-q"])
    #expect(bench.files == before.union(["a.csv", "b.csv"]))
  }

  /// SIGHUP during training leaves a checkpoint, and the history is whole after going on.
  @Test func aSignalDuringTrainingLeavesACheckpoint() throws {
    let bench = try Workbench()
    let spec = ["train", "spec.json5", "--set", "training.epochs=400"]
    let (process, input) = try start(bench, spec + ["--checkpoint", "-o", "out"])
    try wait(for: "checkpoint.bin", bench, in: "out")
    kill(process.processIdentifier, SIGHUP)
    process.waitUntilExit()
    withExtendedLifetime(input) {}
    #expect(process.terminationReason == .exit && process.terminationStatus == 9)
    try bench.expect(0, spec + ["--resume", "-o", "out", "-q"])
    try bench.expect(0, spec + ["-o", "whole", "-q"])
    for name in ["plan.bin", "metrics.json"] {
      #expect(try bench.bytes("out/\(name)") == bench.bytes("whole/\(name)"))
    }
  }
}
