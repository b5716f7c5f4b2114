extension GroupOp {
  var attributes: [(name: String, value: AttributeValue)] {
    switch self {
    case .combine: []
    case .pairs(let function, let side):
      [("function", .word(function.rawValue)), ("over", .word(side.rawValue))]
    }
  }
}

extension OpReader {
  /// An op of the group family, nil for other names.
  mutating func group() throws -> GroupOp? {
    for kind in GroupOp.Combination.allCases where mnemonic == "group_\(kind.rawValue)" {
      return .combine(kind)
    }
    guard mnemonic == "group_pairs" else { return nil }
    let function: GroupOp.PairFunction = try attributes.choice("function")
    return .pairs(function, over: try attributes.choice("over"))
  }
}
