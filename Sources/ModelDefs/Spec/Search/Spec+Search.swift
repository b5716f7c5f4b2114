extension Spec {
  package typealias Assignment = (path: SpecPath, value: SpecValue)

  /// The spec with other values, read and checked as a whole. Where an assignment sets the `type` of a
  /// model, an optimizer or a schedule, keys that do not go with it are left away.
  /// - Throws: `SpecError` with everything that is wrong.
  package func with(_ assignments: [Assignment]) throws -> Spec {
    let diagnostics = SpecDiagnostics(file: file)
    let tree = tree(with: assignments, diagnostics)
    try diagnostics.check()
    return try Spec(tree: tree, diagnostics, folder: folder, overrides: [])
  }

  /// What the spec says of a key; nil where it does not say.
  package func assignment(of path: SpecPath) -> Assignment? {
    path.value(in: tree).map { (path, $0) }
  }

  /// Whether the spec has what an assignment set, or was left without it by null.
  package func has(_ assignment: Assignment) -> Bool {
    if case .null = assignment.value.content { return true }
    return assignment.path.value(in: tree) != nil
  }

  private func tree(
    with assignments: [Assignment], _ diagnostics: SpecDiagnostics
  ) -> SpecValue {
    var tree = tree
    for (path, value) in assignments {
      if let message = path.put(value, in: &tree) {
        diagnostics.report(message, at: value.location, path: "\(path)")
      }
    }
    for (path, _) in assignments where path.lastKey == "type" {
      guard let parent = path.parent, let object = parent.value(in: tree),
        case .string(let type)? = object.member("type")?.value.content,
        let variants = Self.typedSections["\(parent)"],
        let own = variants.variants.first(where: { $0.type == type })
      else { continue }
      let kept = (variants.common + own.section.keys).map(\.name) + ["type"]
      let known = variants.variants.flatMap { $0.section.keys.map(\.name) }
      let members = object.members?.filter { kept.contains($0.key) || !known.contains($0.key) }
      _ = parent.put(SpecValue(.object(members ?? []), at: object.location), in: &tree)
    }
    return tree
  }

  /// The objects whose type decides which keys they take.
  private static let typedSections: [String: SpecVariants] = [
    "model": ModelRegistry.variants, "model.interaction": InteractionKeys.variants,
    "model.ensemble": EnsembleKeys.variants,
    "training.optimizer": OptimizerKeys.dense, "training.sparse_optimizer": OptimizerKeys.sparse,
    "training.learning_rate_schedule": ScheduleKeys.variants,
    "training.weights_average": WeightsAverageKeys.variants,
  ]

  /// What is wrong with a dimension of a search: a key that there is not, or values that the spec cannot
  /// have. Empty where nothing is.
  /// - Parameter all: The dimensions of the search. A key needs to go with one of the types that they try.
  package func findings(
    of dimension: SearchDimension, among all: [SearchDimension]
  ) -> [SpecFinding] {
    func finding(_ message: String) -> SpecFinding {
      SpecFinding(
        file: file, location: dimension.location, path: "search.\(dimension.path)",
        message: message)
    }
    if let refusal = Self.refusal(of: dimension.path) { return [finding(refusal)] }
    let owner = all.filter { other in
      other.path.lastKey == "type" && other.path != dimension.path
        && other.path.parent.map { dimension.path.isBelow($0) } == true
    }.max { "\($0.path)".count < "\($1.path)".count }
    let contexts: [[Assignment]] =
      owner.map { owner in owner.extremes.map { [(owner.path, $0)] } } ?? [[]]
    for value in dimension.extremes {
      var isPossible = false
      for context in contexts {
        let assignments = context + [(dimension.path, value)]
        let diagnostics = SpecDiagnostics(file: file)
        let tree = tree(with: assignments, diagnostics)
        if case .null = value.content {
        } else if diagnostics.findings.isEmpty, dimension.path.value(in: tree) == nil {
          // A key that does not go with this type.
          continue
        }
        isPossible = true
        if let found = findings(assignments) { return found }
      }
      if !isPossible, let found = findings([(dimension.path, value)]) { return found }
    }
    return []
  }

  /// What is wrong with the spec after assignments; nil where nothing is.
  private func findings(_ assignments: [Assignment]) -> [SpecFinding]? {
    do {
      let changed = try with(assignments)
      guard changed.dataDeclaration.labels != dataDeclaration.labels,
        let (path, value) = assignments.last
      else { return nil }
      return [
        SpecFinding(
          file: file, location: value.location, path: "search.\(path)",
          message: "changes what is predicted, so that trials could not be compared")
      ]
    } catch let error as SpecError {
      return error.findings
    } catch {
      return nil
    }
  }

  /// Why a key cannot be searched; nil where it can.
  private static func refusal(of path: SpecPath) -> String? {
    let root = "\(path)".prefix { $0 != "." && $0 != "[" }
    if [SpecKeys.name.name, SpecKeys.data.name, SpecKeys.search.name].contains(String(root)) {
      return "\(quoted(String(root))) cannot be searched: all trials have the same rows"
    }
    switch "\(path)" {
    case "training.seed": return "the seed cannot be searched: it says nothing of other rows"
    case "training.epochs":
      return "epochs cannot be searched: \"training.epochs\" is the most that a trial is given, and"
        + " the best number is found on the way"
    default: return nil
    }
  }
}
