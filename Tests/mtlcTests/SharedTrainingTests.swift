import Foundation
import TestSupport
import Testing

/// `mtlc train --mpi`, by each MPI that the machine has; skipped where it has none.
@Suite(.serialized) struct SharedTrainingTests {
  private static let options = ["--no-report", "--quiet", "--set", "training.micro_batches=8"]

  private func train(
    _ bench: Workbench, _ launcher: MPILauncher, _ processes: Int, _ options: [String]
  ) throws -> MPILauncher.Outcome {
    let tool = try #require(Tool.binary).path
    return try launcher.run(
      processes, [tool, "train", "spec.json5", "--mpi"] + options, in: bench.path,
      variables: ["NO_COLOR": "1"])
  }

  /// The trained plan and the metrics of several processes are those of one, byte for byte.
  @Test(
    arguments: [
      [], ["--set", "training.sparse_optimizer={ type: 'lazy_adam' }"],
      ["--set", "training.sparse_optimizer={ type: 'rowwise_adagrad', placement: 'sharded' }"],
      ["--set", "model={ type: 'ple', dropout: 0.1 }", "--set", "training.gradient_clip_norm=0.1"],
    ])
  func processesDoNotMatter(_ more: [String]) throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-o", "alone"] + Self.options + more)
    for (place, launcher) in MPILauncher.present.enumerated() {
      for processes in place > 0 ? [2] : more.isEmpty ? [1, 2, 4] : [4] {
        // Many more threads than processors would wait for one another.
        let threads = ["--threads", processes > 2 ? "1" : "2"]
        let outcome = try train(
          bench, launcher, processes, ["-o", "together"] + Self.options + threads + more)
        #expect(outcome.code == 0, "\(launcher) \(processes): \(outcome.output)")
        for file in ["plan.bin", "metrics.json"] {
          #expect(
            try bench.bytes("together/\(file)") == bench.bytes("alone/\(file)"),
            "\(launcher) \(processes): \(file)")
        }
        // The table of results is printed once.
        #expect(outcome.output.components(separatedBy: "base rate").count == 2)
      }
    }
  }

  /// What all processes meet is said once; what one meets, with its number. Nothing is trained.
  @Test func mistakesAreToldOnce() throws {
    let bench = try Workbench()
    let tool = try #require(Tool.binary).path
    for launcher in MPILauncher.present {
      let shares = try train(
        bench, launcher, 3, ["-o", "out", "--quiet", "--set", "training.micro_batches=8"])
      #expect(
        shares.output.components(separatedBy: "which 3 processes cannot share").count == 2
          && !shares.output.contains("process 0"), "\(launcher): \(shares.output)")
      let spec = try train(bench, launcher, 2, ["--quiet", "--set", "training.epoch=1"])
      #expect(
        spec.output.components(separatedBy: "did you mean").count == 2,
        "\(launcher): \(spec.output)")
      // One process with another spec, or without its data.
      let script = "if [ ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = 1 ]; then set -- \"$@\" $OTHER; fi;"
      for (other, message) in [
        ("--seed 9", "process 1 has another spec than process 0"),
        ("--set data.train=none.csv", "process 1 of 2: none.csv"),
      ] {
        let outcome = try launcher.run(
          2,
          [
            "sh", "-c", script + " exec \"$@\"", "sh", tool, "train", "spec.json5", "--mpi",
            "--quiet",
          ]
            + ["--set", "training.micro_batches=8"], in: bench.path,
          variables: ["NO_COLOR": "1", "OTHER": other])
        #expect(
          outcome.code != 0 && outcome.output.components(separatedBy: message).count == 2,
          "\(launcher): \(outcome.output)")
      }
      #expect(!bench.files.contains("out"))
    }
    try bench.expect(
      2, ["train", "spec.json5", "--mpi"],
      says: ["--mpi needs processes that an mpirun has started"])
  }

  /// Steps that are shared tell what they send, and what the way between the processes can do.
  @Test func exchangesAreTimed() throws {
    let bench = try Workbench()
    let tool = try #require(Tool.binary).path
    for launcher in MPILauncher.present {
      let outcome = try launcher.run(
        2,
        [
          tool, "bench", "spec.json5", "--mpi", "--json", "--quiet", "--seconds", "1", "--batch",
          "64", "--threads", "1", "--set", "training.micro_batches=4",
        ], in: bench.path)
      let steps = try JSONDecoder().decode(
        [[String: Double]].self, from: Data(outcome.output.utf8))
      try #require(steps.count == 1, "\(launcher): \(outcome.output)")
      #expect(steps[0]["processes"] == 2 && steps[0]["batch"] == 64)
      for key in [
        "exchange_us", "exchange_bytes", "exchanges", "link_latency_us", "link_bytes_per_s",
      ] {
        #expect(steps[0][key] ?? 0 > 0, "\(launcher): \(key)")
      }
    }
  }

  /// Without an mpirun that would end them, the others see that a process has died, and one tells of it.
  @Test func whatHasDiedEndsTheOthers() throws {
    let bench = try Workbench()
    let tool = try #require(Tool.binary).path
    // The process replaces the shell, whose number it keeps.
    let script = """
      [ ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = 2 ] &&
        (until [ -s out/checkpoint.bin ]; do sleep 0.1; done; date +%s > killed; kill -KILL $$) &
      exec "$@"
      """
    for launcher in MPILauncher.present where launcher.canGoOn {
      let outcome = try launcher.run(
        4,
        [
          "sh", "-c", script, "sh", tool, "train", "spec.json5", "--mpi", "-o", "out",
          "--checkpoint",
        ]
          + Self.options + ["--threads", "1", "--set", "training.epochs=100000"],
        in: bench.path,
        variables: ["NO_COLOR": "1"], goesOn: true)
      #expect(
        outcome.output.components(separatedBy: "is gone, or its host is out of reach").count == 2
          && outcome.output.contains("error: process 2 is gone"), "\(launcher): \(outcome.output)")
      let killed = try #require(Double(bench.text("killed").trimmingCharacters(in: .newlines)))
      #expect(Date().timeIntervalSince1970 - killed < 12, "\(launcher)")
    }
  }

  /// A run that was killed, or of which one process was asked to stop, goes on from its checkpoint, with another
  /// number of processes too.
  @Test(arguments: ["KILL", "TERM"]) func endedRunsGoOn(signal: String) throws {
    let bench = try Workbench()
    // More threads than processors would wait for one another.
    var options = Self.options + ["--set", "training.epochs=16", "--threads", "1"]
    if signal == "TERM" {
      options += ["--set", "training.sparse_optimizer={ type: 'adagrad', placement: 'sharded' }"]
    }
    try bench.expect(0, ["train", "spec.json5", "-o", "alone"] + options)
    for launcher in MPILauncher.present {
      let name = "\(launcher)"
      let killer = Process()
      killer.executableURL = URL(fileURLWithPath: "/bin/sh")
      // The last process alone is asked to stop; the others hear of it from that.
      killer.arguments = [
        "-c",
        """
        while [ ! -s \(name)/checkpoint.bin ]; do sleep 0.01; done
        all=$(pgrep -f -- '[t]rain spec.json5 --mpi -o \(name) ')
        [ \(signal) = KILL ] && kill -KILL $all
        for one in $all; do
          case $(tr '\\0' '\\n' < /proc/$one/environ | grep -c '^\\(OMPI_COMM_WORLD_RANK\\|PMI_RANK\\)=1$') in
            1) kill -TERM $one;;
          esac
        done
        """,
      ]
      killer.currentDirectoryURL = URL(fileURLWithPath: bench.path)
      try killer.run()
      let ended = try train(bench, launcher, 2, ["-o", name, "--checkpoint"] + options)
      killer.terminate()
      killer.waitUntilExit()
      if ended.code != 0 {
        if signal == "TERM" {
          #expect(
            ended.output.components(separatedBy: "--resume goes on from there").count == 2,
            "\(launcher): \(ended.output)")
        }
        let resumed = try train(
          bench, launcher, signal == "TERM" ? 1 : 4, ["-o", name, "--resume"] + options)
        #expect(resumed.code == 0, "\(launcher): \(resumed.output)")
      }
      #expect(try bench.bytes("\(name)/plan.bin") == bench.bytes("alone/plan.bin"), "\(launcher)")
    }
  }
}
