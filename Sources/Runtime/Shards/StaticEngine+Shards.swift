import Plan
import Schema

/// The plan of an engine whose workers share tables: no worker has the whole of it, so that it is written and read
/// piece by piece.
extension StaticEngine {
  /// Whether tables are spread over workers. The parameters of this one are then those of its own rows.
  package var isSharded: Bool { tables != nil }

  /// The bytes of the file of the trained plan, or of a checkpoint, given to the first worker from the start to the
  /// end; all workers call it.
  ///
  /// - Parameter position: Of a checkpoint.
  /// - Throws: `TransportError`, and what `take` throws.
  package func encode(
    at position: TrainingPosition?, _ take: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard let tables else { return }
    var plan = tables.shards.whole
    let empty = session.shared.states.map { _ in [Float]() }
    if var position {
      position.watch?.best?.weights = []
      position.average?.weights = []
      plan = plan.checkpoint(step: session.step, at: position, weights: [], states: empty)
    } else {
      plan = plan.trained(step: session.step, weights: [], states: { empty })
    }
    let pieces = PlanEncoder().encodeWithoutBlocks(plan)
    let isFirst = exchangeRank == 0
    var sum = Checksum.Stream()
    func put(_ bytes: UnsafeRawBufferPointer) throws {
      guard isFirst else { return }
      sum.add(bytes)
      try take(bytes)
    }
    var number = 0
    func write(_ block: UnsafeBufferPointer<Float>, isState: Bool = false) throws {
      try pieces[number].withUnsafeBytes { try put($0) }
      number += 1
      try tables.collect(block, isState: isState) { try put(UnsafeRawBufferPointer($0)) }
    }
    try write(UnsafeBufferPointer(session.shared.parameters.floats))
    for state in session.shared.states where plan.progress != nil {
      try write(UnsafeBufferPointer(state.floats), isState: true)
    }
    for kept in [position?.watch?.best?.weights, position?.average?.weights] {
      try kept?.withUnsafeBufferPointer { try write($0) }
    }
    try pieces[number].withUnsafeBytes { try put($0) }
    guard isFirst else { return }
    try withUnsafeBytes(of: sum.value.littleEndian) { try take($0) }
  }

  /// Goes on from a checkpoint.
  ///
  /// - Parameters:
  ///   - position: Whose blocks are empty.
  ///   - step: Steps that were done.
  ///   - read: Reads floats of a block from a place on; blocks are counted in the order of the file.
  /// - Returns: The position with what this worker has of the blocks beside weights and states.
  package func resume(
    at position: TrainingPosition, step: Int,
    _ read: (_ block: Int, _ place: Int, UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws -> TrainingPosition {
    guard let tables else { return position }
    var (position, number) = (position, 0)
    func load(_ own: UnsafeMutableBufferPointer<Float>, isState: Bool = false) throws {
      try tables.load(into: own, isState: isState) { try read(number, $0, $1) }
      number += 1
    }
    try load(session.shared.parameters.floats)
    session.shared.stateContents = .anything
    for state in session.shared.states { try load(state.floats, isState: true) }
    session.step = step
    func kept(_ values: [Float]?) throws -> [Float]? {
      guard values != nil else { return nil }
      var own = [Float](repeating: 0, count: session.plan.parameterFloats)
      try own.withUnsafeMutableBufferPointer { try load($0) }
      return own
    }
    if let best = try kept(position.watch?.best?.weights) { position.watch?.best?.weights = best }
    if let average = try kept(position.average?.weights) { position.average?.weights = average }
    return position
  }

  /// The parameter block of the whole plan. Workers that share tables all call it and hold it then, so that it is
  /// for small models.
  package func wholeWeights() throws -> [Float] { try tables?.wholeWeights() ?? session.weights }

  private var exchangeRank: Int { tables?.exchange.rank ?? 0 }
}
