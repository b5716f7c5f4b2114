import GraphIR
import TensorTypes

extension TypeRuleTests {
  /// What the group family accepts and rejects.
  static let groupRules: (accepted: [Rule], rejected: [Rule]) = {
    let pairs = Op.group(.pairs(.logistic, over: .lower))
    let (column, groups) = (TensorType.f32(.batch, 1), TensorType.i32(.batch, 2))
    return (
      accepted: [
        Rule(.group(.combine(.sum)), [.f32(.batch, 3), groups], "f32[B, 3]"),
        Rule(.group(.combine(.max)), [.f32(6, 2), .i32(6, 2)], "f32[6, 2]"),
        Rule(pairs, [column, column, column, groups], "f32[B, 1]"),
      ],
      rejected: [
        Rule(.group(.combine(.sum)), [groups], "group_sum: has 1 operands, expected 2"),
        Rule(
          .group(.combine(.sum)), [groups, groups],
          "group_sum: operand 0 has type i32[B, 2], expected f32[*, n]"),
        Rule(
          .group(.combine(.sum)), [.f32(3, .batch), groups],
          "group_sum: operand 0 has type f32[3, B], expected f32[*, n]"),
        Rule(
          .group(.combine(.max)), [.f32(.batch, 3), .i32(.batch, 1)],
          "group_max: operand 1 has type i32[B, 1], expected i32[B, 2]"),
        Rule(
          .group(.combine(.max)), [.f32(4, 3), groups],
          "group_max: operand 1 has type i32[B, 2], expected i32[4, 2]"),
        Rule(
          pairs, [.f32(.batch, 2), column, column, groups],
          "group_pairs: operand 0 has type f32[B, 2], expected f32[*, 1]"),
        Rule(
          pairs, [column, .f32(.batch), column, groups],
          "group_pairs: operand 1 has type f32[B], expected f32[B, 1]"),
        Rule(
          pairs, [column, column, column, .f32(.batch, 2)],
          "group_pairs: operand 3 has type f32[B, 2], expected i32[B, 2]"),
      ]
    )
  }()
}
