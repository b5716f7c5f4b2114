/// The tasks of a random spec, and their columns.
extension SpecGenerator {
  mutating func makeTasks(isFunnel: Bool, isEpisodic: Bool, _ base: String) {
    let count =
      base == "esmm" ? 2 : isFunnel ? 2 + random.below(2) : 1 + random.below(1 + random.below(4))
    var before: [Bool]?
    for index in 0..<count {
      let name = "t\(index)"
      var hits = (0..<rowCount).map { row in
        random.below(3) > 0 && (before?[row] ?? true) == true
      }
      // A task whose rows are all alike is refused, so that the first two rows differ and count.
      hits[0] = true
      hits[1] = false
      if isFunnel { before = hits }
      var cells = hits.map { $0 ? "1" : "0" }
      var keys = "name: \"\(name)\""
      switch isFunnel ? 0 : isEpisodic ? random.below(2) * 3 : random.below(6) {
      case 1:
        keys += ", loss: \"focal\", focal_gamma: \(random.pick(["0.5", "1", "2", "3.5"]))"
        if random.isOne(in: 2) { keys += ", focal_alpha: 0.3" }
      case 2:
        let classes = (0..<2 + random.below(3)).map { "c\($0)" }
        cells = (0..<rowCount).map { _ in random.pick(classes) }
        keys += ", classes: [\(classes.map { "\"\($0)\"" }.joined(separator: ", "))]"
        if random.isOne(in: 3) { keys += ", label_smoothing: 0.1" }
      case 3:
        cells = (0..<rowCount).map { _ in number(-2, 3) }
        let loss = random.pick(["mse", "mae", "huber", "ziln"])
        if loss == "ziln" { cells = cells.map { $0.hasPrefix("-") ? "0" : $0 } }
        keys += ", loss: \"\(loss)\""
        if loss != "ziln", random.isOne(in: 3) { keys += ", normalize: false" }
      case 4:
        comparesRows = true
        keys +=
          random.isOne(in: 2)
          ? ", loss: \"pairwise_logistic\"" : ", loss: \"jrc\", jrc_alpha: \(number(0, 1))"
        if random.isOne(in: 5) { keys += ", soft: true" }
      default:
        if random.isOne(in: 3) { keys += ", label_smoothing: 0.05" }
        if random.isOne(in: 4) { keys += ", positive_weight: 3" }
        if random.isOne(in: 4), index == 0 { keys += ", negative_sampling_rate: 0.3" }
        if random.isOne(in: 4) { keys += ", output_bias: \"zero\"" }
        if random.isOne(in: 5) { keys += ", soft: true" }
      }
      keys += isEpisodic ? "" : rowWeights(name)
      if !isEpisodic, random.isOne(in: 4) {
        let kept = cells.prefix(2)
        cells = Array(kept) + cells.dropFirst(2).map { random.isOne(in: 6) ? "" : $0 }
      }
      if random.isOne(in: 3), !isEpisodic { keys += ", weight: \(number(0.1, 2))" }
      columns.append((name, cells))
      taskNames.append(name)
      tasks.append("{ \(keys) }")
    }
  }

  /// Sometimes a column of weights of a task's rows, or of what tells which rows it is about.
  mutating func rowWeights(_ task: String) -> String {
    switch random.below(8) {
    case 0:
      let weights = (0..<rowCount).map { _ in random.isOne(in: 6) ? "0" : number(0.1, 2) }
      columns.append(("w_\(task)", ["1", "1"] + weights.dropFirst(2)))
      return ", weight_column: \"w_\(task)\""
    case 1:
      let spaces = (0..<rowCount).map { _ in random.pick(["a", "a", "b", "c"]) }
      columns.append(("s_\(task)", ["a", "a"] + spaces.dropFirst(2)))
      let outside = random.isOne(in: 2) ? ", outside_weight: 0.5" : ""
      return ", where: { column: \"s_\(task)\", values: [\"a\", \"c\"]\(outside) }"
    default: return ""
    }
  }
}
