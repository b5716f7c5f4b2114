import Experiments
import Export
import Foundation
import Plan
import Schema
import Testing

/// Parameters by name, to other programs and back.
@Suite struct SafetensorsTests {
  /// A file as the format's page describes it, written byte by byte.
  private static func file(_ header: String, floats: [Float] = []) -> [UInt8] {
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    bytes += header.utf8
    for value in floats { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
    return bytes
  }

  private static let small = file(
    #"{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"#
      + #""y":{"dtype":"F32","shape":[],"data_offsets":[16,20]}}"#, floats: [1, 2, 3, 4, 5])

  @Test func filesOfOthersAreRead() throws {
    let file = try Safetensors(decoding: Self.small)
    #expect(file.metadata == ["a": "b"])
    #expect(
      file.tensors == [
        .init(name: "x", shape: [2, 2], values: [1, 2, 3, 4]),
        .init(name: "y", shape: [], values: [5]),
      ])
  }

  @Test func whatIsWrittenIsRead() throws {
    let file = Safetensors(
      tensors: [
        .init(
          name: "embedding.\"ä\"\n", shape: [1, 3],
          values: [-0.0, .leastNonzeroMagnitude * 700, .greatestFiniteMagnitude]),
        .init(name: "scalar", shape: [], values: [7]),
        .init(name: "empty", shape: [0, 4], values: []),
      ], metadata: ["k": "\u{1}"])
    let bytes = file.encoded()
    #expect(try Safetensors(decoding: bytes) == file)
    let length = Int(bytes[0]) | Int(bytes[1]) << 8
    #expect((8 + length) % 8 == 0 && bytes.count == 8 + length + 16)
    let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length]))
    #expect((header as? [String: Any])?.count == 4)
  }

  @Test(
    arguments: [
      ([1, 2, 3], "it has 3 bytes"),
      (
        [255, 255, 255, 255, 255, 255, 255, 255],
        "its header would have 18446744073709551615 bytes"
      ),
      ([9, 0, 0, 0, 0, 0, 0, 0], "the file is cut off"),
      (file("{"), "its header is no JSON object"),
      (file("[]"), "its header is no JSON object"),
      (file(#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#), "lie outside the file"),
      (
        file(#"{"x":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#, floats: [1]),
        "has the type F16"
      ),
      (
        file(#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, floats: [1]),
        "4 bytes for the shape [2]"
      ),
      (
        file(#"{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, floats: [1]),
        "\"shape\" is no list of sizes"
      ),
      (
        file(
          #"{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
          floats: [1]), "has a shape of"
      ),
      (
        file(#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, floats: [1, 2]),
        "byte 0 of its values"
      ),
      (
        file(#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, floats: [1, 2]),
        "it holds 8"
      ),
      (file(#"{"x":{"shape":[1],"data_offsets":[0,4]}}"#, floats: [1]), "has no \"dtype\""),
      (
        file(
          #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
            + #""x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, floats: [1, 2]),
        "the file is damaged"
      ),
      (file(#"{"x":1}"#), "has no \"dtype\""),
      (file(#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#), "no range of bytes"),
      (file(#"{"__metadata__":{"a":1}}"#), "its metadata are no texts"),
    ] as [([UInt8], String)])
  func damageIsNamed(bytes: [UInt8], words: String) {
    let error = #expect(throws: ExportError.self) { try Safetensors(decoding: bytes) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  /// A seed gives the same bytes on each machine.
  @Test func anyBytesAreReadOrRefused() {
    var state: UInt64 = 18
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var read = 0
    for _ in 0..<20_000 {
      var bytes = Self.small
      for _ in 0...random(3) where !bytes.isEmpty {
        switch random(4) {
        case 0: bytes.remove(at: random(bytes.count))
        case 1: bytes.insert(UInt8(random(256)), at: random(bytes.count + 1))
        case 2: bytes = Array(bytes.prefix(1 + random(bytes.count)))
        default: bytes[random(bytes.count)] = UInt8(random(256))
        }
      }
      if let file = try? Safetensors(decoding: bytes) {
        read += 1
        for tensor in file.tensors { #expect(tensor.shape.reduce(1, *) == tensor.values.count) }
      }
    }
    // Values alone may change, and names.
    #expect(read > 100 && read < 15_000, "\(read)")
  }

  // MARK: Plans

  @Test func parametersComeBack() throws {
    let trained = try TrainedPlan.mmoe()
    let plan = trained.plan
    let file = try Safetensors(plan)
    #expect(file.tensors.map(\.name) == plan.parameters.map(\.name))
    #expect(file.tensors.map(\.shape) == plan.parameters.map(\.shape))
    // Experts are columns of one matrix in the plan, and tensors of their own in the file.
    let fused = plan.parameters.filter { $0.rowStride > $0.columns }
    #expect(!fused.isEmpty)
    let weights = try #require(plan.weights)
    for record in fused {
      let tensor = try #require(file.tensors.first { $0.name == record.name })
      let (row, column) = (record.rows - 1, record.columns - 1)
      #expect(tensor.values.last == weights[record.offset + row * record.rowStride + column])
    }
    var blank = plan
    blank.weights = nil
    #expect(try Safetensors(decoding: file.encoded()).applied(to: blank).weights == weights)
  }

  @Test func tensorsThatDoNotFitAreNamed() throws {
    let trained = try TrainedPlan.mmoe()
    var file = try Safetensors(trained.plan)
    let names = trained.plan.parameters.map(\.name)
    file.tensors[0].name = "stranger"
    file.tensors[1].shape.append(1)
    file.tensors[2].values[0] = .nan
    let error = #expect(throws: ExportError.self) { try file.applied(to: trained.plan) }
    for words in [
      "the plan has no parameter stranger", "\(names[0]) is missing", "\(names[1]) is [",
      "\(names[2]) holds numbers that are not finite",
    ] { #expect(error?.message.contains(words) == true, "\(error?.message ?? "")") }
  }

  @Test func statesAreThoseOfTheParameters() throws {
    let trained = try TrainedPlan.mmoe()
    var plan = trained.plan
    #expect(throws: ExportError.self) { try Safetensors(plan, includesStates: true) }
    let table = try #require(plan.parameters.first { $0.name.hasPrefix("embedding.") })
    let count = plan.parameterFloats
    // Blocks whose values tell their place.
    let states = [0, 1].map { k in (0..<count).map { Float($0) + (k == 0 ? 0 : 0.5) } }
    plan.progress = TrainingProgress(step: 9, epoch: 1, rowInEpoch: 0, states: states)
    plan.training.optimizer = Optimizer(
      kind: .adam, sparse: SparseOptimizer(kind: .rowwiseAdagrad, tables: [table.name]))
    let file = try Safetensors(plan, includesStates: true)
    #expect(file.metadata["step"] == "9")
    let tensors = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    let sums = try #require(tensors["optimizer.s.\(table.name)"])
    #expect(sums.shape == [table.rows] && sums.values.first == Float(table.offset))
    #expect(tensors["optimizer.m.\(table.name)"] == nil)
    let other = try #require(plan.parameters.first { $0.name.hasPrefix("towers.") })
    #expect(tensors["optimizer.m.\(other.name)"]?.values.first == Float(other.offset))
    #expect(tensors["optimizer.v.\(other.name)"]?.values.first == Float(other.offset) + 0.5)
    // States stay out of the parameters.
    #expect(try file.applied(to: plan).weights == plan.weights)
    #expect(try file.applied(to: plan).progress == nil)
  }

  /// Each optimizer names as many states as it has.
  @Test func statesAreCounted() throws {
    var plan = try TrainedPlan.mmoe().plan
    let block = [Float](repeating: 0, count: plan.parameterFloats)
    let trainable = plan.parameters.filter(\.isTrainable).map(\.name)
    for kind in Optimizer.Kind.allCases {
      for others in [[:], [Hyperparameter.Name.momentum: 0.9]] {
        let optimizer = Optimizer(kind: kind, others)
        plan.training.optimizer = optimizer
        plan.progress = TrainingProgress(
          step: 1, epoch: 1, rowInEpoch: 0,
          states: Array(repeating: block, count: optimizer.stateCount))
        let states = try Safetensors(plan, includesStates: true).tensors.count
        #expect(states == plan.parameters.count + trainable.count * optimizer.stateCount)
      }
    }
    for kind in SparseOptimizer.Kind.allCases {
      let sparse = SparseOptimizer(kind: kind, tables: trainable)
      plan.training.optimizer = Optimizer(kind: .sgd, sparse: sparse)
      plan.progress = TrainingProgress(
        step: 1, epoch: 1, rowInEpoch: 0,
        states: Array(repeating: block, count: sparse.stateCount))
      let states = try Safetensors(plan, includesStates: true).tensors.count
      #expect(states == plan.parameters.count + trainable.count * sparse.stateCount)
    }
  }
}
