/// How a random spec trains.
extension SpecGenerator {
  mutating func optimizer() -> String {
    switch random.below(6) {
    case 0: "{ type: \"sgd\", learning_rate: 0.05, momentum: \(random.pick(["0", "0.9"])) }"
    case 1: "{ type: \"adagrad\", learning_rate: 0.05 }"
    case 2: "{ type: \"adamw\", learning_rate: 0.01, weight_decay: 0.1 }"
    case 3: "{ type: \"lion\", learning_rate: 0.001, weight_decay: 0.1 }"
    default: "{ type: \"adam\", learning_rate: 0.01 }"
    }
  }

  mutating func rowTraining() -> [String] {
    batchSize = random.pick([1, 2, 3, 7, 8, 16, 31, 32])
    fewestRows = batchSize
    var keys = ["batch_size: \(batchSize)", "epochs: \(1 + random.below(2))"]
    keys.append("seed: \(random.below(1000)), optimizer: \(optimizer())")
    if random.isOne(in: 2) { keys.append("eval_batch_size: \(1 + random.below(40))") }
    if random.isOne(in: 3) { keys.append("l2: 1e-3") }
    if random.isOne(in: 3) { keys.append("embedding_l2: 1e-3") }
    let isSparse = random.isOne(in: 3)
    if isSparse {
      let kind = random.pick(["lazy_adam", "rowwise_adagrad", "adagrad", "sgd", "ftrl"])
      keys.append("sparse_optimizer: { type: \"\(kind)\", learning_rate: 0.02 }")
    }
    if random.isOne(in: 4) { keys.append("gradient_clip_value: 0.05") }
    if !isSparse, random.isOne(in: 4) { keys.append("gradient_clip_norm: 0.5") }
    let kinds =
      taskNames.count > 1
      ? ["fixed", "uncertainty", "dwa", "gradnorm", "pcgrad"] : ["fixed", "uncertainty"]
    if random.isOne(in: 2) { keys.append("task_weighting: \"\(random.pick(kinds))\"") }
    if random.isOne(in: 3) { keys.append(schedule(hasEpochs: true)) }
    if random.isOne(in: 4) { keys.append("matmul_precision: \"medium\"") }
    let takesGradientsApart = keys.contains { $0.contains("gradnorm") || $0.contains("pcgrad") }
    if !comparesRows, !takesGradientsApart, random.isOne(in: 4) {
      let pieces = 1 + random.below(batchSize)
      keys.append("micro_batches: \(pieces)")
      fewestRows = batchSize / pieces
    }
    if random.isOne(in: 5) { keys.append("weights_average: \(average(isSparse: isSparse))") }
    return keys
  }

  private mutating func average(isSparse: Bool) -> String {
    isSparse || random.isOne(in: 2)
      ? "{ type: \"swa\", start: \(number(0, 0.9)) }"
      : "{ type: \"ema\", decay: \(number(0.1, 0.999)) }"
  }

  mutating func schedule(hasEpochs: Bool) -> String {
    let type = random.pick(["step", "exponential", "cosine"])
    let warmup = random.isOne(in: 2) ? ", warmup_steps: 2" : ""
    return
      "learning_rate_schedule: { type: \"\(type)\", period_steps: \(1 + random.below(9))\(warmup) }"
  }

  mutating func episodeTraining() -> [String] {
    var keys = ["meta_steps: 3", "meta_batch_size: \(1 + random.below(2))"]
    keys.append("seed: \(random.below(1000)), optimizer: \(optimizer())")
    if random.isOne(in: 3) { keys.append(schedule(hasEpochs: false)) }
    if random.isOne(in: 4) { keys.append("gradient_clip_norm: 0.5") }
    return keys
  }
}
