import Schema

/// Reads `tasks`.
struct TaskDecoder {
  private(set) var tasks: [TaskSpec] = []
  /// Parallel to `tasks`.
  private(set) var labels: [LabelSchema] = []
  /// Parallel to `tasks`.
  private(set) var sections: [SectionReader] = []

  init(_ spec: SectionReader, _ material: Material) {
    if material == .images {
      spec.refuse([SpecKeys.tasks], "goes only with \"features\"")
      return
    }
    guard let node = spec.child(SpecKeys.tasks) ?? Self.funnel(spec) else {
      spec.node.report("the required key \"tasks\" is missing")
      return
    }
    guard let elements = node.value.elements else {
      let _: Int? = node.mismatch("a list of tasks")
      return
    }
    if elements.isEmpty { node.report("a model needs a task") }
    var seen: Set<String> = []
    for (index, element) in elements.enumerated() {
      guard let section = SectionReader(node.child(index, element), TaskKeys.section) else {
        continue
      }
      let name = section[TaskKeys.name]
      if !name.isEmpty, !seen.insert(name).inserted {
        section.report("another task is named \(quoted(name))", TaskKeys.name)
      }
      let space = Self.space(section)
      var task = TaskSpec(
        name: name, label: section[TaskKeys.label] ?? name,
        loss: section[TaskKeys.loss]
          ?? (section.isSet(TaskKeys.classes) ? .softmaxCrossEntropy : .binaryCrossEntropy),
        weight: section[TaskKeys.weight], classes: section[TaskKeys.classes],
        labelSmoothing: section[TaskKeys.labelSmoothing],
        positiveWeight: section[TaskKeys.positiveWeight],
        focalGamma: section[TaskKeys.focalGamma], focalAlpha: section[TaskKeys.focalAlpha],
        huberDelta: section[TaskKeys.huberDelta], jrcAlpha: section[TaskKeys.jrcAlpha],
        normalizes: section[TaskKeys.normalize],
        negativeSamplingRate: section[TaskKeys.negativeSamplingRate],
        outputBias: section[TaskKeys.outputBias])
      task.weighsRows = section.isSet(TaskKeys.weightColumn) || space != nil
      Self.checkLossKeys(task, section)
      Self.checkClasses(task, section)
      let positives = section[TaskKeys.positive]
      if section.isSet(TaskKeys.positive), positives.isEmpty {
        section.report("names no text of the label", TaskKeys.positive)
      }
      let kind: LabelSchema.Kind =
        task.isMulticlass
        ? .classes(task.classes)
        : !task.isBinary
          ? .number
          : section[TaskKeys.soft] ? .soft : positives.isEmpty ? .binary : .positives(positives)
      tasks.append(task)
      labels.append(
        LabelSchema(
          task: name, column: task.label, kind: kind,
          weightColumn: section[TaskKeys.weightColumn], space: space))
      sections.append(section)
    }
    if !tasks.isEmpty, tasks.allSatisfy({ $0.weight == 0 }) {
      node.report("every task has weight 0, so nothing would be learned")
    }
  }

  private static func space(_ section: SectionReader) -> SampleSpace? {
    guard let node = section.child(TaskKeys.space),
      let keys = SectionReader(node, SampleSpaceKeys.section)
    else { return nil }
    let values = keys[SampleSpaceKeys.values]
    if keys.isSet(SampleSpaceKeys.values), values.isEmpty {
      keys.report("names no text of the column", SampleSpaceKeys.values)
    }
    return SampleSpace(
      column: keys[SampleSpaceKeys.column], values: values,
      outsideWeight: keys[SampleSpaceKeys.outsideWeight])
  }

  private static func checkLossKeys(_ task: TaskSpec, _ section: SectionReader) {
    func refuse(_ key: any AnySpecKey, unless fits: Bool) {
      if fits { return }
      section.refuse([key], "does not go with the loss \(quoted(task.loss.rawValue))")
    }
    refuse(TaskKeys.positive, unless: task.isBinary)
    refuse(TaskKeys.classes, unless: task.isMulticlass)
    refuse(
      TaskKeys.labelSmoothing, unless: task.loss == .binaryCrossEntropy || task.isMulticlass)
    refuse(TaskKeys.soft, unless: task.isBinary && task.loss != .focal)
    if section.isSet(TaskKeys.positive), section[TaskKeys.soft] {
      section.report("does not go with \(quoted(TaskKeys.positive.name))", TaskKeys.soft)
    }
    refuse(TaskKeys.positiveWeight, unless: task.loss == .binaryCrossEntropy)
    refuse(
      TaskKeys.negativeSamplingRate, unless: task.isBinary && task.loss != .pairwiseLogistic)
    refuse(TaskKeys.normalize, unless: task.kind == .regression && task.loss != .ziln)
    refuse(TaskKeys.outputBias, unless: !task.isMulticlass && task.loss != .ziln)
    refuse(TaskKeys.focalGamma, unless: task.loss == .focal)
    refuse(TaskKeys.focalAlpha, unless: task.loss == .focal)
    refuse(TaskKeys.jrcAlpha, unless: task.loss == .jrc)
    refuse(TaskKeys.huberDelta, unless: task.loss == .huber)
  }

  private static func checkClasses(_ task: TaskSpec, _ section: SectionReader) {
    guard task.isMulticlass else { return }
    guard section.isSet(TaskKeys.classes) else {
      section.report("needs \"classes\", the texts of the label", TaskKeys.loss)
      return
    }
    let limit = 2...SpecLimits.classes
    if !limit.contains(task.classes.count) {
      section.report(
        "names \(task.classes.count) classes; \(limit.lowerBound) to \(limit.upperBound) are possible",
        TaskKeys.classes)
    }
    section.requireDistinct(task.classes, TaskKeys.classes)
  }

  /// The tasks that the steps of a funnel stand for: each the column of its name.
  private static func funnel(_ spec: SectionReader) -> SpecNode? {
    guard let funnel = spec.child(SpecKeys.model)?.value.member(Funnel.funnel.name)?.value,
      let steps = funnel.elements
    else { return nil }
    let tasks = steps.map { step in
      let name = SpecValue.Member(
        key: TaskKeys.name.name, keyLocation: step.location, value: step)
      return SpecValue(.object([name]), at: step.location)
    }
    return SpecNode(
      SpecValue(.array(tasks), at: funnel.location), path: SpecKeys.tasks.name,
      spec.node.diagnostics)
  }
}
