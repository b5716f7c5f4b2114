import Foundation

/// What faults are put into: a small spec with its data and the results of undisturbed runs.
struct FaultBench {
  /// Ways of running the program.
  enum Work: String, CaseIterable {
    case cached, warm, streamed, warmStreamed, predict, convert, exportONNX, exportC, exportWeights

    var arguments: [String] {
      switch self {
      case .cached, .warm: ["train", "cached.json5", "-o", "out", "--checkpoint", "-q"]
      case .streamed, .warmStreamed:
        ["train", "streamed.json5", "-o", "out", "--checkpoint", "-q"]
      case .predict: ["run", "plan.bin", "--predict", "test.csv", "-o", "rows.csv", "-q"]
      case .convert: ["data", "convert", "cached.json5", "-q"]
      case .exportONNX:
        [
          "export", "plan.bin", "--format", "onnx", "--inputs", "raw", "-o", "model.onnx",
          "--verify",
          "rows.json", "-q",
        ]
      case .exportC: ["export", "plan.bin", "--format", "c", "-o", "model.c", "-q"]
      case .exportWeights:
        ["export", "plan.bin", "--format", "safetensors", "-o", "model.safetensors", "-q"]
      }
    }

    /// The files that are there at the end and the same for equal runs.
    var results: [String] {
      switch self {
      case .cached, .warm, .streamed, .warmStreamed: ["out/plan.bin", "out/metrics.json"]
      case .predict: ["rows.csv"]
      case .convert: []
      case .exportONNX: ["model.onnx", "rows.json"]
      case .exportC: ["model.c", "model.h"]
      case .exportWeights: ["model.safetensors"]
      }
    }

    /// The folder with the undisturbed results.
    var reference: String {
      switch self {
      case .streamed, .warmStreamed: "reference-streamed"
      case .cached, .warm, .predict, .convert, .exportONNX, .exportC, .exportWeights: "reference"
      }
    }

    var hasCache: Bool { self == .warm || self == .warmStreamed }
    var trains: Bool {
      switch self {
      case .cached, .warm, .streamed, .warmStreamed: true
      case .predict, .convert, .exportONNX, .exportC, .exportWeights: false
      }
    }
  }

  private static func spec(_ data: String, epochs: Int) -> String {
    """
    {
      name: "small",
      data: { train: "train.csv", test: "test.csv", cache: "cache", \(data) },
      features: [
        { columns: ["city", "device"], type: "id", embedding_dim: 4 },
        { columns: ["age", "discount"], type: "numeric", normalizer: "zscore" },
      ],
      tasks: [{ name: "click" }, { name: "purchase" }],
      model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
      training: {
        batch_size: 32, epochs: \(epochs), optimizer: { type: "adam", learning_rate: 0.01 },
      },
    }
    """
  }

  /// Where the work runs: always the same path, which plans hold.
  let work: String
  private let base: String

  /// Makes the files in a folder of this process's own.
  init(folder: String, epochs: Int = 3) throws {
    work = "\(folder)/\(getpid())/bench"
    base = "\(folder)/\(getpid())/base"
    let files = FileManager.default
    try files.createDirectory(atPath: work, withIntermediateDirectories: true)
    let tool = ToolRun(folder: work)
    func run(_ arguments: [String]) throws {
      let outcome = try tool.run(arguments)
      guard outcome.code == 0 else {
        throw Fault(description: "\(arguments) ends with \(outcome.text): \(outcome.errors)")
      }
    }
    try run(["sample", ".", "--rows", "200", "--test-rows", "100"])
    try Self.spec("", epochs: epochs).write(
      toFile: "\(work)/cached.json5", atomically: false, encoding: .utf8)
    try Self.spec("stream: true", epochs: epochs).write(
      toFile: "\(work)/streamed.json5", atomically: false, encoding: .utf8)
    for way in [Work.cached, .streamed] {
      try run(way.arguments)
      try files.moveItem(atPath: "\(work)/out", toPath: "\(work)/\(way.reference)")
    }
    try files.copyItem(atPath: "\(work)/reference/plan.bin", toPath: "\(work)/plan.bin")
    for way in [Work.predict, .exportONNX, .exportC, .exportWeights] {
      try run(way.arguments)
      for result in way.results {
        try files.moveItem(atPath: "\(work)/\(result)", toPath: "\(work)/reference/\(result)")
      }
    }
    try files.moveItem(atPath: "\(work)/cache", toPath: "\(work)/warm")
    try files.moveItem(atPath: work, toPath: base)
  }

  /// Makes the folder anew, with what the work needs.
  func prepare(_ work: Work) throws {
    let (files, folder) = (FileManager.default, self.work)
    try? files.removeItem(atPath: folder)
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["train.csv", "test.csv", "cached.json5", "streamed.json5", "plan.bin"] {
      // Linked, so that the times of change are those that a warm cache knows.
      try files.linkItem(atPath: "\(base)/\(name)", toPath: "\(folder)/\(name)")
    }
    if work.hasCache { try files.copyItem(atPath: "\(base)/warm", toPath: "\(folder)/cache") }
  }

  func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

  /// The undisturbed contents of a result.
  func reference(_ result: String, of work: Work) -> Data? {
    let name = URL(fileURLWithPath: result).lastPathComponent
    return bytes("\(base)/\(work.reference)/\(name)")
  }

  /// Throws `Fault` where a result is there and is not that of an undisturbed run.
  func checkResults(of work: Work, areAllThere: Bool, _ when: String) throws {
    for result in work.results {
      guard let found = bytes("\(self.work)/\(result)") else {
        if areAllThere { throw Fault(description: "\(when): \(result) is missing") }
        continue
      }
      if found != reference(result, of: work) {
        throw Fault(description: "\(when): \(result) differs")
      }
    }
  }

  /// Throws `Fault` where temporary files, locks or checkpoints are left in the work's folders.
  func checkNothingIsLeft(allowing allowed: [String] = [], _ when: String) throws {
    for part in ["", "out", "cache"] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(work)/\(part)")) ?? []
      for name in names
      where name.hasPrefix(".") || name.hasSuffix(".tmp") || name == "checkpoint.bin" {
        if !allowed.contains(name) { throw Fault(description: "\(when): \(part)/\(name) is left") }
      }
    }
  }

  /// Runs the work once more without a fault, going on where there is a checkpoint.
  func finish(_ work: Work) throws {
    var arguments = work.arguments
    if work.trains, FileManager.default.fileExists(atPath: "\(self.work)/out/checkpoint.bin") {
      arguments.append("--resume")
    }
    let outcome = try ToolRun(folder: self.work).run(arguments)
    guard outcome.code == 0 else {
      throw Fault(description: "the next run ends with \(outcome.text): \(outcome.errors)")
    }
    try checkResults(of: work, areAllThere: true, "the next run")
    try checkNothingIsLeft("the next run")
    if work == .convert {
      // The rows that were kept are those of the text.
      try finish(.warm)
    }
  }
}
