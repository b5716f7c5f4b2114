import Plan

extension Safetensors {
  /// What the name of an optimizer state begins with: `optimizer.m.towers.click.output.kernel`.
  static let statePrefix = "optimizer."

  /// The parameters of a trained plan under the names that the model gives them.
  /// - Parameter includesStates: Whether the states of the optimizer are written too, as a checkpoint has
  ///   them.
  package init(_ plan: Plan, includesStates: Bool = false) throws(ExportError) {
    guard let weights = plan.weights else { throw ExportError("the plan is not trained") }
    self.init(
      tensors: plan.parameters.map {
        Tensor(name: $0.name, shape: $0.shape, values: $0.values(in: weights))
      }, metadata: ["format": "mtlc", "model": plan.name])
    guard includesStates else { return }
    guard let progress = plan.progress else {
      throw ExportError(
        "the plan has no optimizer states", hint: "checkpoints have them, finished plans do not")
    }
    metadata["step"] = String(progress.step)
    for record in plan.parameters {
      for (state, block) in zip(plan.training.optimizer.states(of: record), progress.states) {
        tensors.append(
          Tensor(
            name: Self.statePrefix + "\(state.letter).\(record.name)",
            shape: state.isOfRows ? [record.rows] : record.shape,
            values: state.isOfRows
              ? Array(block[record.offset..<record.offset + record.rows])
              : record.values(in: block)))
      }
    }
  }

  /// The plan with these tensors as its parameters. Optimizer states among them are left aside.
  /// - Throws: a list of the parameters that are missing, of another shape or not finite, and of tensors
  ///   that the plan has no parameter for.
  package func applied(to plan: Plan) throws(ExportError) -> Plan {
    let known = Dictionary(plan.parameters.map { ($0.name, $0) }) { first, _ in first }
    var values: [String: [Float]] = [:]
    var faults: [String] = []
    for tensor in tensors {
      guard let record = known[tensor.name] else {
        if !Self.isState(tensor.name, of: known) {
          faults.append("the plan has no parameter \(tensor.name)")
        }
        continue
      }
      if tensor.shape != record.shape {
        faults.append("\(tensor.name) is \(tensor.shape), the plan's \(record.shape)")
      } else if !tensor.values.allSatisfy(\.isFinite) {
        faults.append("\(tensor.name) holds numbers that are not finite")
      }
      values[tensor.name] = tensor.values
    }
    for record in plan.parameters where values[record.name] == nil {
      faults.append("\(record.name) is missing")
    }
    guard faults.isEmpty else {
      let more = faults.count > 10 ? "; and \(faults.count - 10) more" : ""
      throw ExportError(
        "the tensors do not fit the plan: " + faults.prefix(10).joined(separator: "; ") + more,
        hint: "mtlc export shows the names and shapes that it needs")
    }
    return plan.replacingParameters(values)
  }

  private static func isState(_ name: String, of parameters: [String: ParameterRecord]) -> Bool {
    guard name.hasPrefix(statePrefix) else { return false }
    let rest = name.dropFirst(statePrefix.count)
    guard let point = rest.firstIndex(of: ".") else { return false }
    return parameters[String(rest[rest.index(after: point)...])] != nil
  }
}

extension ExportFormat {
  static let safetensors = ExportFormat(
    name: "safetensors", summary: "parameters by their names, for programs that hold tensors",
    options: [.states]
  ) { plan, options throws(ExportError) in
    [
      ExportedFile(
        name: options.fileName,
        bytes: try Safetensors(plan, includesStates: options.includesStates).encoded())
    ]
  }
}
