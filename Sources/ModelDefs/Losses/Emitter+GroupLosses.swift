import GraphIR
import TensorTypes

/// Losses over the rows of a group. `groups`, i32[B, 2], is the feed of `data.group_by`.
extension Emitter {
  /// The mean of ln(1 + exp(−(z_i − z_j))) over the pairs of rows i, j of one group with y_i > y_j,
  /// f32[]; 0 where there is no pair (C. Burges et al., "Learning to Rank using Gradient Descent",
  /// ICML 2005, eq. 3).
  /// - Parameter weights: Of the rows, f32[B, 1]; a pair counts by the product of its two. nil for 1
  ///   each.
  func pairwiseLogistic(
    logit z: Tensor, label y: Tensor, weights: Tensor?, groups: Tensor
  ) throws -> Tensor {
    let weights = try weights ?? constant(1, type(of: z))
    func total(_ function: GroupOp.PairFunction) throws -> Tensor {
      try sum(
        mul(
          weights,
          pairSums(function, over: .lower, of: weights, scores: z, labels: y, groups: groups)))
    }
    // Products of two weights may be far below 1.
    return try div(total(.logistic), max(total(.count), constant(1e-30)))
  }
}

/// Joint optimization of ranking and calibration: a head of two logits f⁰ and f¹, one for each label,
/// whose difference is the logit of the prediction.
///
/// X.-R. Sheng et al., "Joint Optimization of Ranking and Calibration with Contextualized Hybrid Model",
/// arXiv:2208.06164, section 4. Column 0 of the head is −f⁰, so that the difference f¹ − f⁰ is the sum of
/// the columns and an output bias that starts alike in both starts it at the base rate.
enum JointRankingCalibration {
  static let outputs = 2
  /// Stands for the logits of rows that take no part: its exponential beside any other is 0.
  static let absent = -1e30
}

extension Emitter {
  private func logitColumns(_ head: Tensor) throws -> (negative: Tensor, positive: Tensor) {
    (try neg(slice(head, axis: 1, 0..<1)), try slice(head, axis: 1, 1..<2))
  }

  /// The logit f¹ − f⁰ of the prediction, f32[B, 1].
  func jointLogit(_ head: Tensor) throws -> Tensor {
    let logits = try logitColumns(head)
    return try sub(logits.positive, logits.negative)
  }

  /// α·BCE(f¹ − f⁰, y) − (1 − α)·ln(exp(f^y_i) / Σ_j exp(f^y_j)) of each row i, f32[B, 1], with the sum
  /// over the rows j of its group (Sheng et al., eq. 5 to 8). A soft label counts for both logits.
  /// - Parameters:
  ///   - head: f32[B, 2].
  ///   - weights: Of the rows, f32[B, 1]; those of weight 0 are in no sum. nil for 1 each.
  func jointRankingCalibration(
    _ head: Tensor, label y: Tensor, weights: Tensor?, groups: Tensor, alpha: Double
  ) throws -> Tensor {
    let logits = try logitColumns(head)
    var scores = try concat([logits.negative, logits.positive], axis: 1)
    if let weights {
      scores = try select(
        compare(.greater, weights, constant(0)), scores,
        constant(JointRankingCalibration.absent))
    }
    // The greatest of a group is taken off first, so that no exponential overflows.
    let greatest = try stopGradient(group(.max, scores, groups))
    let shifted = try sub(scores, greatest)
    let total = try log(group(.sum, exp(shifted), groups))
    let targets = try concat([sub(constant(1), y), y], axis: 1)
    let ranking = try sum(mul(targets, sub(total, shifted)), axes: [1], keepAxes: true)
    let calibration = try binaryCrossEntropy(logit: jointLogit(head), label: y)
    return try add(scale(calibration, by: alpha), scale(ranking, by: 1 - alpha))
  }
}
