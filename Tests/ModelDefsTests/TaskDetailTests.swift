import ModelDefs
import Schema
import Testing

/// Which options go with which loss, and what tasks and their labels decode to.
@Suite struct TaskDetailTests {
  private let losses: [(name: String, kind: LossKind)] = LossKind.allCases.map { ($0.rawValue, $0) }

  /// The losses that each key goes with.
  private let options: [(key: String, value: String, losses: Set<String>)] = {
    let (cross, focal, pairs, joint) = (
      "binary_cross_entropy", "focal", "pairwise_logistic", "jrc"
    )
    let numbers: Set<String> = ["mse", "mae", "huber"]
    return [
      ("positive", "['x']", [cross, focal, pairs, joint]),
      ("classes", "['x', 'y']", ["softmax_cross_entropy"]),
      ("label_smoothing", "0.1", [cross, "softmax_cross_entropy"]),
      ("soft", "true", [cross, pairs, joint]),
      ("positive_weight", "2", [cross]),
      ("negative_sampling_rate", "0.5", [cross, focal, joint]),
      ("normalize", "false", numbers),
      ("output_bias", "'zero'", numbers.union([cross, focal, pairs, joint])),
      ("focal_gamma", "1", [focal]), ("focal_alpha", "0.5", [focal]),
      ("jrc_alpha", "0.25", [joint]), ("huber_delta", "2", ["huber"]),
    ]
  }()

  @Test func optionsOfEachLoss() {
    var fixture = SpecFixture()
    fixture.data = "{ train: 'a.csv', group_by: 'user' }"
    for (loss, _) in losses {
      for (key, value, fits) in options {
        let classes =
          loss == "softmax_cross_entropy" && key != "classes" ? "classes: ['x', 'y'], " : ""
        fixture.tasks =
          "[{ name: 't', loss: '\(loss)', \(classes)\(key): \(value) }]"
        if loss == "softmax_cross_entropy" || key != "classes" || !fits.contains(loss) {
          #expect(
            fixture.findings()
              == (fits.contains(loss)
                ? [] : ["tasks[0].\(key): does not go with the loss \"\(loss)\""]),
            "\(loss) \(key)")
        }
      }
    }
  }

  @Test func factsOfEachLoss() {
    let binary: Set<LossKind> = [.binaryCrossEntropy, .focal, .pairwiseLogistic, .jrc]
    for (_, loss) in losses {
      let task = TaskSpec(name: "t", label: "l", loss: loss, weight: 1, classes: ["a", "b", "c"])
      #expect(loss.isBinary == binary.contains(loss))
      #expect(loss.comparesRows == [.pairwiseLogistic, .jrc].contains(loss))
      #expect(task.isBinary == binary.contains(loss))
      let isMulticlass = loss == .softmaxCrossEntropy
      #expect(task.isMulticlass == isMulticlass)
      #expect(
        task.kind
          == (isMulticlass
            ? .multiclass(classes: 3) : binary.contains(loss) ? .binary : .regression))
      #expect(task.outputs == (isMulticlass ? 3 : loss == .ziln ? 3 : loss == .jrc ? 2 : 1))
    }
    #expect(TaskSpec(name: "t", label: "l", loss: .softmaxCrossEntropy, weight: 1).outputs == 1)
  }

  @Test func everyOptionIsRead() throws {
    var fixture = SpecFixture()
    fixture.data = "{ train: 'a.csv', group_by: 'user' }"
    fixture.tasks = """
      [{ name: 'a', label: 'la', weight: 0.25, label_smoothing: 0.125, positive_weight: 3,
         negative_sampling_rate: 0.75, output_bias: 'zero', soft: true },
       { name: 'b', loss: 'focal', focal_gamma: 1.5, focal_alpha: 0.625, positive: 'yes' },
       { name: 'c', loss: 'huber', huber_delta: 4, normalize: false, weight_column: 'wc' },
       { name: 'd', loss: 'jrc', jrc_alpha: 0.375,
         where: { column: 'k', values: ['p', 7], outside_weight: 0.5 } },
       { name: 'e', classes: ['x', 'y', 'z'] }, { name: 'f', loss: 'ziln' }]
      """
    let spec = try fixture.spec()
    var tasks = [
      TaskSpec(
        name: "a", label: "la", loss: .binaryCrossEntropy, weight: 0.25, labelSmoothing: 0.125,
        positiveWeight: 3, negativeSamplingRate: 0.75, outputBias: .zero),
      TaskSpec(
        name: "b", label: "b", loss: .focal, weight: 1, focalGamma: 1.5, focalAlpha: 0.625),
      TaskSpec(
        name: "c", label: "c", loss: .huber, weight: 1, huberDelta: 4, normalizes: false),
      TaskSpec(name: "d", label: "d", loss: .jrc, weight: 1, jrcAlpha: 0.375),
      TaskSpec(
        name: "e", label: "e", loss: .softmaxCrossEntropy, weight: 1, classes: ["x", "y", "z"]),
      TaskSpec(name: "f", label: "f", loss: .ziln, weight: 1),
    ]
    tasks[2].weighsRows = true
    tasks[3].weighsRows = true
    #expect(spec.tasks == tasks)
    #expect(
      spec.dataDeclaration.labels == [
        LabelSchema(task: "a", column: "la", kind: .soft),
        LabelSchema(task: "b", column: "b", kind: .positives(["yes"])),
        LabelSchema(task: "c", column: "c", kind: .number, weightColumn: "wc"),
        LabelSchema(
          task: "d", column: "d", kind: .binary,
          space: SampleSpace(column: "k", values: ["p", "7"], outsideWeight: 0.5)),
        LabelSchema(task: "e", column: "e", kind: .classes(["x", "y", "z"])),
        LabelSchema(task: "f", column: "f", kind: .number),
      ])
    #expect(
      spec.training.taskWeights
        == [0.25, 1, 1, 1, 1, 1].enumerated().map {
          TaskWeight(task: ["a", "b", "c", "d", "e", "f"][$0], weight: $1)
        })
    #expect(spec.training.keepsGroups)
    #expect(try !SpecFixture().spec().training.keepsGroups)
  }

  private func findings(_ tasks: String, data: String = "{ train: 'a.csv' }") -> [String] {
    var fixture = SpecFixture()
    fixture.data = data
    fixture.tasks = tasks
    return fixture.findings()
  }

  @Test func classes() {
    func list(_ count: Int) -> String {
      "[\((0..<count).map { "'c\($0)'" }.joined(separator: ","))]"
    }
    #expect(findings("[{ name: 't', classes: \(list(2)) }]") == [])
    #expect(findings("[{ name: 't', classes: \(list(1024)) }]") == [])
    for count in [1, 1025] {
      #expect(
        findings("[{ name: 't', classes: \(list(count)) }]")
          == ["tasks[0].classes: names \(count) classes; 2 to 1024 are possible"])
    }
    #expect(
      findings("[{ name: 't', classes: ['a', 'b', 'a'] }]")
        == ["tasks[0].classes: names \"a\" twice"])
    #expect(
      findings("[{ name: 't', loss: 'softmax_cross_entropy' }]")
        == ["tasks[0].loss: needs \"classes\", the texts of the label"])
  }

  @Test func columnsOfTasks() {
    #expect(
      findings("[{ name: 't', positive: ['x'], soft: true }]")
        == ["tasks[0].soft: does not go with \"positive\""])
    #expect(
      findings("[{ name: 't', where: { column: 'k', values: [] } }]")
        == ["tasks[0].where.values: names no text of the column"])
    #expect(
      findings("[{ name: 't', where: { column: 't', values: ['x'] } }]")
        == ["tasks[0].where: tells the rows apart by the label of the task itself"])
    #expect(
      findings("[{ name: 't', weight_column: 'u' }, { name: 'u' }]")
        == ["tasks[0].weight_column: is the label of the task \"u\""])
    #expect(
      findings("[{ name: 't', weight_column: 'age' }]")
        == ["features[0].name: the column \"age\" is the weight of the task \"t\""])
    #expect(findings("[{ name: 't', weight: 0 }, { name: 'u', weight: 0.001 }]") == [])
    #expect(
      findings("[{ name: 't', weight: 0 }, { name: 'u', weight: 0 }]")
        == ["tasks: every task has weight 0, so nothing would be learned"])
  }

  @Test func groupsOfLosses() {
    for loss in ["pairwise_logistic", "jrc"] {
      let tasks = "[{ name: 't', loss: '\(loss)' }]"
      let needs =
        "tasks[0].loss: the loss \"\(loss)\" compares the rows of a group: it needs"
        + " \"data.group_by\", the column that names a row's group"
      let streams =
        "tasks[0].loss: the loss \"\(loss)\" does not go with \"data.stream\", which does not keep"
        + " the rows of a group together: leave it out, and rows are held in memory"
      #expect(findings(tasks) == [needs])
      #expect(findings(tasks, data: "{ train: 'a', group_by: 'g' }") == [])
      #expect(
        findings(tasks, data: "{ train: 'a', group_by: 'g', stream: true, cache: 'c' }")
          == [streams])
      #expect(
        findings(tasks, data: "{ train: 'a', stream: true, cache: 'c' }") == [needs, streams])
    }
    #expect(
      findings("[{ name: 't' }]", data: "{ train: 'a', stream: true, cache: 'c' }") == [])
  }

  /// Where columns are listed, every one that a task reads must be among them.
  @Test func listedColumns() {
    let data = "{ train: 'a', columns: ['age', 'job', 't', 'w'] }"
    let no = "data.columns has no column"
    #expect(findings("[{ name: 't', weight_column: 'w' }]", data: data) == [])
    #expect(
      findings("[{ name: 'u', label: 'tt' }]", data: data)
        == ["tasks[0].label: \(no) \"tt\"; did you mean \"t\"?"])
    #expect(
      findings("[{ name: 'unknown' }]", data: data) == ["tasks[0].name: \(no) \"unknown\""])
    #expect(
      findings("[{ name: 't', weight_column: 'weights' }]", data: data)
        == ["tasks[0].weight_column: \(no) \"weights\""])
    #expect(
      findings("[{ name: 't', where: { column: 'jobs', values: 'x' } }]", data: data)
        == ["tasks[0].where: \(no) \"jobs\"; did you mean \"job\"?"])
    for key in ["sample_weight", "group_by"] {
      #expect(
        findings(
          "[{ name: 't' }]", data: "{ train: 'a', columns: ['age', 'job', 't'], \(key): 'other' }")
          == ["data.\(key): \(no) \"other\""])
    }
  }
}
