import Schema

/// Reads a plan out of the bytes of a plan file. No bytes make it trap, and what it allocates is
/// bounded by their number.
package struct PlanDecoder: Sendable {
  package init() {}

  /// Checks mark, version, length and checksum, then the structure. What the plan says is not
  /// judged here: see `PlanValidator`.
  package func decode(_ bytes: [UInt8]) throws(PlanError) -> Plan {
    try checkEnvelope(bytes)
    do {
      return try decodeSections(bytes)
    } catch let error as PlanError {
      throw error
    } catch {
      throw .damaged("\(error)")
    }
  }

  /// The plan in bytes whose blocks of floats are left out: these are empty.
  /// - Parameter bytes: With room for a header and a checksum, which nobody looks at.
  func decodeWithoutBlocks(_ bytes: [UInt8]) throws -> Plan {
    try decodeSections(bytes, omitsBlocks: true)
  }

  /// How many bytes a plan file has by its head, so that what is no plan need not be read.
  /// - Parameters:
  ///   - head: The first `PlanFormat.headerBytes` bytes, or all where there are fewer.
  ///   - size: The bytes of the file where they are known.
  /// - Throws: What `decode` throws for such a file, where the head shows it.
  package func byteCount(head: [UInt8], size: Int?) throws(PlanError) -> Int {
    guard head.count >= PlanFormat.headerBytes, head.starts(with: PlanFormat.magic) else {
      try checkEnvelope(head)
      return head.count
    }
    let length = value(head, PlanFormat.lengthPlace, 8)
    if let size, UInt64(size) != length {
      let version = UInt32(truncatingIfNeeded: value(head, PlanFormat.versionPlace, 4))
      throw PlanFormat.readable.contains(version)
        ? .truncated(expected: length, found: size)
        : .otherVersion(found: version, supported: PlanFormat.readable)
    }
    return Int(clamping: length)
  }

  private func checkEnvelope(_ bytes: [UInt8]) throws(PlanError) {
    let magic = PlanFormat.magic
    guard !bytes.isEmpty, bytes.starts(with: magic.prefix(bytes.count)) else { throw .notAPlan }
    let minimum = PlanFormat.headerBytes + PlanFormat.checksumBytes
    guard bytes.count >= PlanFormat.lengthPlace else {
      throw .truncated(expected: UInt64(minimum), found: bytes.count)
    }
    let version = UInt32(truncatingIfNeeded: value(bytes, PlanFormat.versionPlace, 4))
    // Whether another version keeps the length and the checksum where this one does is not known,
    // so a version that differs is reported before they are looked at, unless they prove damage.
    guard PlanFormat.readable.contains(version) else {
      if isDamagedVersion(bytes) {
        throw .damaged("the version is not the one it was written with")
      }
      throw .otherVersion(found: version, supported: PlanFormat.readable)
    }
    guard bytes.count >= minimum else {
      throw .truncated(expected: UInt64(minimum), found: bytes.count)
    }
    let length = value(bytes, PlanFormat.lengthPlace, 8)
    guard length == UInt64(bytes.count) else {
      throw .truncated(expected: length, found: bytes.count)
    }
    let body = bytes.count - PlanFormat.checksumBytes
    guard Checksum.of(bytes, count: body) == value(bytes, body, 8) else {
      throw .damaged("the checksum does not match the contents")
    }
  }

  /// Whether the bytes are a plan of this version but for the version number.
  private func isDamagedVersion(_ bytes: [UInt8]) -> Bool {
    let minimum = PlanFormat.headerBytes + PlanFormat.checksumBytes
    guard bytes.count >= minimum,
      value(bytes, PlanFormat.lengthPlace, 8) == UInt64(bytes.count)
    else { return false }
    var repaired = bytes
    for byte in 0..<4 {
      repaired[PlanFormat.versionPlace + byte] =
        UInt8(truncatingIfNeeded: PlanFormat.version >> (8 * UInt32(byte)))
    }
    let body = bytes.count - PlanFormat.checksumBytes
    return Checksum.of(repaired, count: body) == value(bytes, body, 8)
  }

  private func value(_ bytes: [UInt8], _ place: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << (8 * UInt64($1)) }
  }

  private func decodeSections(_ bytes: [UInt8], omitsBlocks: Bool = false) throws -> Plan {
    let end = bytes.count - PlanFormat.checksumBytes
    var reader = ByteReader(
      bytes, range: PlanFormat.headerBytes..<end, omitsBlocks: omitsBlocks)
    var bodies: [PlanFormat.Section: ByteReader] = [:]
    for section in PlanFormat.Section.allCases {
      var ahead = reader
      if section.isOptional, ahead.remaining == 0 { continue }
      guard try ahead.fixed32() == section.rawValue else {
        if section.isOptional { continue }
        throw reader.damaged("section \(section.name) is missing")
      }
      bodies[section] = try ahead.slice(try ahead.fixed64())
      reader = ahead
    }
    guard reader.remaining == 0 else { throw reader.damaged("there is more than the sections") }

    func body<Value>(
      _ section: PlanFormat.Section, _ read: (inout ByteReader) throws -> Value
    ) throws -> Value? {
      guard var reader = bodies[section] else { return nil }
      let value = try read(&reader)
      guard reader.remaining == 0 else {
        throw reader.damaged("section \(section.name) is longer than its contents")
      }
      return value
    }
    func required<Value>(
      _ section: PlanFormat.Section, _ read: (inout ByteReader) throws -> Value
    ) throws -> Value {
      guard let value = try body(section, read) else {
        throw PlanError.damaged("section \(section.name) is missing")
      }
      return value
    }

    let model = try required(.model) {
      (try $0.text(), try $0.text(), try $0.get([TaskRecord].self))
    }
    let schema = try required(.schema) { try $0.get(DataSchema.self) }
    var training = try required(.training) { try $0.get(TrainingSettings.self) }
    let parameters = try required(.parameters) {
      (try $0.get(Int.self), try $0.get([ParameterRecord].self))
    }
    let programs = try required(.programs) { try $0.get([Program].self) }
    let weights = try body(.weights) { try $0.block() }
    var progress = try body(.progress) { try $0.get(TrainingProgress.self) }
    let episodes = try body(.episodes) { try $0.get(EpisodeSettings.self) }
    let initial = try body(.initial) { try $0.get(InitialValues.self) }
    if let conflicts = try body(.conflicts, { try $0.get([TaskCosines].self) }) {
      guard progress != nil else { throw PlanError.damaged("conflicts without a progress") }
      progress?.report.conflicts = conflicts
    }
    if let (rule, average) = try body(
      .average, { (try $0.get(WeightsAverage.self), try $0.get(AverageProgress?.self)) })
    {
      training.weightsAverage = rule
      guard average == nil || progress != nil else {
        throw PlanError.damaged("an average of weights without a progress")
      }
      progress?.average = average
    }
    if let count = try body(.microBatches, { try $0.get(Int.self) }) {
      training.microBatches = MicroBatches(count)
    }
    return Plan(
      name: model.0, specText: model.1, schema: schema, tasks: model.2, training: training,
      parameters: parameters.1, parameterFloats: parameters.0, programs: programs,
      weights: weights, progress: progress, episodes: episodes, initial: initial)
  }
}

extension Plan {
  /// Decodes and validates: the plan that comes out can be run as it is.
  package init(decoding bytes: [UInt8]) throws(PlanError) {
    let plan = try PlanDecoder().decode(bytes)
    let findings = PlanValidator(plan).findings()
    guard findings.isEmpty else { throw .invalid(findings) }
    self = plan
  }
}
