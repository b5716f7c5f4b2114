import Plan

extension Session {
  /// The whole parameter block, as a plan stores it.
  public var weights: [Float] { Array(shared.parameters.floats.prefix(plan.parameterFloats)) }

  /// Replaces the whole parameter block.
  public func setWeights(_ weights: [Float]) throws(SessionError) {
    guard weights.count == plan.parameterFloats else {
      throw .size(what: "weights", found: weights.count, expected: plan.parameterFloats)
    }
    _ = shared.parameters.floats.update(from: weights)
  }

  /// Moves an average of the parameter block towards it: a += share · (p − a) for each element.
  func average(into average: inout [Float], share: Float) {
    average.withUnsafeMutableBufferPointer { average in
      let weights = shared.parameters.floats
      for k in 0..<min(average.count, weights.count) {
        average[k] += share * (weights[k] - average[k])
      }
    }
  }

  /// Draws all parameters afresh, sets those rows that the plan has initial values for, and forgets
  /// earlier steps. The same seed gives the same values whatever the layout; random numbers of later
  /// steps follow the seed too.
  public func initialize(seed: UInt64) {
    self.seed = seed
    clearGaps()
    StartValues(
      parameters: plan.parameters, floats: shared.parameters.floats, seed: seed, shards: shards
    ).draw(on: pool)
    resetTraining()
    for rows in plan.initial?.rows ?? [] { set(rows) }
  }

  /// Sets rows of a parameter, and its optimizer's states of them, to initial values.
  func set(_ rows: InitialValues.Rows) {
    guard let record = plan.parameters.first(where: { $0.name == rows.parameter }),
      rows.values.count == rows.count.times(record.columns)
    else { return }
    func copy(_ values: [Float], to block: MemoryBlock, columns: Int, rowStride: Int) {
      values.withUnsafeBufferPointer { values in
        rows.forEach(below: record.rows) { row, place in
          for column in 0..<columns {
            block.floats[record.offset + row * rowStride + column] =
              values[place * columns + column]
          }
        }
      }
    }
    copy(
      rows.values, to: shared.parameters, columns: record.columns, rowStride: record.rowStride)
    // One number a row is packed at the start of the table's place.
    let columns = plan.training.optimizer.stateColumns(of: record.name, columns: record.columns)
    for (values, block) in zip(rows.states, shared.states)
    where values.count == rows.count.times(columns) {
      shared.stateContents = .anything
      copy(
        values, to: block, columns: columns,
        rowStride: columns == record.columns ? record.rowStride : columns)
    }
  }

  /// What no parameter covers is zero. Large tables are left alone, whose pages would have to be
  /// written twice; between their rows nothing is ever written.
  private func clearGaps() {
    let floats = UnsafeMutableBufferPointer(
      rebasing: shared.parameters.floats[..<plan.parameterFloats])
    var start = 0
    let tables = plan.parameters.filter { $0.rows * $0.columns >= 1 << 20 && $0.isCompact }
    for table in tables.sorted(by: { $0.offset < $1.offset }) where table.offset >= start {
      floats[start..<table.offset].update(repeating: 0)
      start = table.offset + table.rows * table.rowStride
    }
    floats[min(start, floats.count)...].update(repeating: 0)
  }

  /// A parameter's values, row-major in its declared shape.
  public func parameter(_ name: String) throws(SessionError) -> [Float] {
    read(try record(name), shared.parameters)
  }

  /// Replaces a parameter's values; row-major in its declared shape.
  public func setParameter(_ name: String, _ values: [Float]) throws(SessionError) {
    let record = try record(name)
    guard values.count == record.rows * record.columns else {
      throw .size(what: name, found: values.count, expected: record.rows * record.columns)
    }
    for row in 0..<record.rows {
      for column in 0..<record.columns {
        shared.parameters.floats[record.offset + row * record.rowStride + column] =
          values[row * record.columns + column]
      }
    }
  }

  /// Runs the body with a parameter's values in place, row-major with `stride` floats from one row to
  /// the next.
  public func withParameter(
    _ name: String, _ body: (_ values: UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) throws(SessionError) {
    let record = try record(name)
    guard let base = shared.parameters.floats.baseAddress else { return }
    body(base + record.offset, record.rowStride)
  }

  /// What the gradient block holds for a parameter, row-major in its declared shape.
  package func gradient(_ name: String) throws(SessionError) -> [Float] {
    read(try record(name), shared.gradients)
  }

  /// Optimizer state `k` of a parameter, row-major in its declared shape.
  public func optimizerState(_ k: Int, of name: String) throws(SessionError) -> [Float] {
    guard shared.states.indices.contains(k) else {
      throw .size(what: "optimizer state \(k + 1)", found: 0, expected: shared.states.count)
    }
    return read(try record(name), shared.states[k])
  }

  private func record(_ name: String) throws(SessionError) -> ParameterRecord {
    guard let record = plan.parameters.first(where: { $0.name == name }) else {
      throw .noParameter(name)
    }
    return record
  }

  private func read(_ record: ParameterRecord, _ block: MemoryBlock) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(record.rows * record.columns)
    for row in 0..<record.rows {
      let start = record.offset + row * record.rowStride
      values += block.floats[start..<start + record.columns]
    }
    return values
  }
}

extension ParameterRecord {
  /// Whether no other parameter lies between its rows.
  fileprivate var isCompact: Bool { rowStride <= columns + columns / 3 }
}
