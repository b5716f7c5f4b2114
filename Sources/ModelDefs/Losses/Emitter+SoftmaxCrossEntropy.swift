import GraphIR
import TensorTypes

extension Emitter {
  /// The mean over rows of ln Σ eᶻ − z[label]: logits f32[N, classes], labels i32[N].
  package func softmaxCrossEntropy(_ logits: Tensor, labels: Tensor) throws -> Tensor {
    let picked = try pickedLogits(logits, labels)
    // The largest logit taken off keeps the sum finite; its own derivative cancels.
    let top = try stopGradient(reduce(.max, logits, axes: [1], keepAxes: true))
    let total = try sum(exp(sub(logits, top)), axes: [1], keepAxes: true)
    return try mean(sub(add(log(total), top), picked))
  }

  /// The share of rows whose largest logit is the label's, f32[].
  package func accuracy(_ logits: Tensor, labels: Tensor) throws -> Tensor {
    let top = try reduce(.max, logits, axes: [1], keepAxes: true)
    return try mean(
      convertToFloat(compare(.greaterEqual, pickedLogits(logits, labels), top)))
  }

  /// The logit of each row's label, [N, 1].
  private func pickedLogits(_ logits: Tensor, _ labels: Tensor) throws -> Tensor {
    guard let classes = shape(of: logits).last?.fixedSize else {
      throw TypeError(
        op: "softmax_cross_entropy",
        "the logits have type \(type(of: logits)), expected f32[*, classes]")
    }
    return try sum(mul(oneHot(labels, depth: classes), logits), axes: [1], keepAxes: true)
  }
}
