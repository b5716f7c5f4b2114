import Foundation
import Testing

/// Folders of results: one run at a time, nothing left of runs that failed, were killed or stopped.
@Suite struct FolderTests {
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
    let (process, input) = try bench.start(["train", "-", "-o", "out"])
    try bench.wait(for: "lock", in: "out")
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
    let (killed, pipe) = try bench.start(["train", "-", "-o", "out"])
    try bench.wait(for: "lock", in: "out")
    kill(killed.processIdentifier, SIGKILL)
    killed.waitUntilExit()
    withExtendedLifetime(pipe) {}
    try bench.expect(0, ["train", "spec.json5", "--checkpoint", "-o", "out", "-q"])
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(bench.path)/out").sorted()
    #expect(names == ["metrics.json", "plan.bin", "report.html"])
    try bench.expectFailure(
      6, ["train", "spec.json5", "-o", "out", "--resume"], says: ["no checkpoint", "is done"])
  }

  /// Starts a command that writes a large file into the folder `big`.
  private func startWriting(_ bench: Workbench) throws -> Process {
    let (process, _) = try bench.start(["sample", "big", "--rows", "100000000"])
    try bench.wait(for: "train.csv", in: "big")
    return process
  }

  private func names(_ bench: Workbench, in folder: String) -> Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: "\(bench.path)/\(folder)")) ?? [])
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT]) func aSignalLeavesNothing(signal: Int32) throws {
    let bench = try Workbench()
    let process = try startWriting(bench)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == signal)
    #expect(names(bench, in: "big").isEmpty)
  }

  @Test func whatAKilledProcessLeftIsSwept() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "out", "-q"])
    let process = try startWriting(bench)
    // A file that is being written is left alone.
    let predict = ["run", "out/plan.bin", "--predict", "test.csv", "-q", "-o"]
    try bench.expect(0, predict + ["big/a.csv"])
    #expect(names(bench, in: "big").contains { $0.hasSuffix(".tmp") })
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(names(bench, in: "big").contains { $0.hasSuffix(".tmp") })
    try bench.expect(0, predict + ["big/b.csv"])
    #expect(names(bench, in: "big") == ["a.csv", "b.csv"])
  }

  /// SIGHUP during training leaves a checkpoint, and the history is whole after going on.
  @Test func aSignalDuringTrainingLeavesACheckpoint() throws {
    let bench = try Workbench()
    let spec = ["train", "spec.json5", "--set", "training.epochs=400"]
    try bench.interrupt(spec + ["-o", "out"], SIGHUP)
    try bench.expect(0, spec + ["--resume", "-o", "out", "-q"])
    try bench.expect(0, spec + ["-o", "whole", "-q"])
    for name in ["plan.bin", "metrics.json"] {
      #expect(try bench.bytes("out/\(name)") == bench.bytes("whole/\(name)"))
    }
  }
}
