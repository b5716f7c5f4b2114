import Plan

extension ParameterRecord {
  /// The parameter's values in a block that is laid out as the plan's parameters, row-major in its
  /// declared shape: parameters that are columns of one fused matrix are taken apart.
  package func values(in block: [Float]) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(rows * columns)
    for row in 0..<rows {
      let start = offset + row * rowStride
      values += block[start..<start + columns]
    }
    return values
  }

  /// Puts values, row-major in the declared shape, into their place in such a block.
  package func store(_ values: [Float], in block: inout [Float]) {
    for row in 0..<rows {
      for column in 0..<columns {
        block[offset + row * rowStride + column] = values[row * columns + column]
      }
    }
  }
}

extension Plan {
  /// The plan with other parameters, by their names. It is no checkpoint then: the states of its
  /// optimizer belong to the earlier ones.
  /// - Precondition: Each has as many values as the parameter.
  package func replacingParameters(_ values: [String: [Float]]) -> Plan {
    var plan = self
    var block = weights ?? [Float](repeating: 0, count: parameterFloats)
    for record in parameters {
      if let values = values[record.name] { record.store(values, in: &block) }
    }
    plan.weights = block
    plan.progress = nil
    return plan
  }
}
