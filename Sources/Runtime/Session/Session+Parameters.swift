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

  /// Draws all parameters afresh and forgets earlier steps. The same seed gives the same values
  /// whatever the layout; random numbers of later steps follow the seed too.
  public func initialize(seed: UInt64) {
    self.seed = seed
    let floats = shared.parameters.floats
    floats.update(repeating: 0)
    for record in plan.parameters {
      let values = ParameterInitializer(seed: seed, name: record.name)
      for row in 0..<record.rows {
        let start = record.offset + row * record.rowStride
        for column in 0..<record.columns {
          let index = row * record.columns + column
          switch record.initializer {
          case .constant(let value): floats[start + column] = Float(value)
          case .normal(let deviation):
            floats[start + column] = values.normal(index, deviation: deviation)
          case .uniform(let limit): floats[start + column] = values.uniform(index, limit: limit)
          }
        }
      }
    }
    resetTraining()
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

  /// What the gradient block holds at a parameter's place, row-major in its declared shape.
  public func gradientBlock(_ name: String) throws(SessionError) -> [Float] {
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
