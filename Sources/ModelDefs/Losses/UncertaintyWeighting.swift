import GraphIR
import Schema
import TensorTypes

extension Emitter {
  /// loss/σ² + ln σ with the learned s = ln σ², f32[]: a task whose loss stays high counts less.
  ///
  /// A. Kendall, Y. Gal, R. Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses for
  /// Scene Geometry and Semantics", CVPR 2018, eq. 10. Parameter `uncertainty.<task>`, f32[1], from
  /// 0; output `weight.<task>` = 1/σ².
  func uncertaintyWeighted(_ loss: Tensor, task: String) throws -> Tensor {
    let logVariance = try parameter(
      Parameter(ParameterID("uncertainty.\(task)"), .f32(1), .constant(0)))
    let s = try reshape(logVariance, .scalar)
    let weight = try exp(neg(s))
    try output(OutputName.weight(task), weight)
    return try add(mul(loss, weight), scale(s, by: 0.5))
  }
}
