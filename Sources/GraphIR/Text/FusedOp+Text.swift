import TensorTypes

extension FusedOp {
  var attributes: [(name: String, value: AttributeValue)] {
    switch self {
    case .mixture(let form): form.attributes
    case .mixtureGradient(let form, let activation):
      form.attributes + (activation.map { [("gradient_of", .word($0.rawValue))] } ?? [])
    case .embeddings(let form), .embeddingsGradient(let form):
      [
        ("tables", .integers(form.tables.flatMap { [$0.rows, $0.columns] })),
        ("features", .integers(form.features.map(\.table))),
        ("pooling", .word(form.features.map(\.pooling.rawValue).joined(separator: " "))),
      ]
    case .oneHotLinear(let form), .oneHotGradient(let form): form.attributes
    case .chain(let chain): [("program", .word(chain.program))]
    }
  }
}

extension MixtureForm {
  fileprivate var attributes: [(name: String, value: AttributeValue)] {
    [
      ("width", .integer(width)),
      ("gate_sizes", .integers(gates.map(\.count))),
      ("picks", .integers(gates.flatMap(\.self))),
    ]
  }
}

extension OneHotForm {
  fileprivate var attributes: [(name: String, value: AttributeValue)] {
    var result: [(name: String, value: AttributeValue)] = [
      ("rows", .integer(rows)),
      ("features", .integers(features.flatMap { [$0.rowOffset, $0.rowCount] })),
    ]
    if hasBias { result.append(("bias", .flag)) }
    if hasAddend { result.append(("addend", .flag)) }
    if let activation { result.append(("activation", .word(activation.rawValue))) }
    if let columns = activationColumns {
      result.append(("activation_columns", .integers([columns.lowerBound, columns.upperBound])))
    }
    return result
  }
}

extension OpReader {
  mutating func fused() throws -> FusedOp? {
    switch mnemonic {
    case "mixture": return .mixture(try mixture())
    case "mixture_gradient":
      let form = try mixture()
      return .mixtureGradient(form, gradientOf: try attributes.activation("gradient_of"))
    case "embeddings": return .embeddings(try embeddings())
    case "embeddings_gradient": return .embeddingsGradient(try embeddings())
    case "one_hot_linear": return .oneHotLinear(try oneHot())
    case "one_hot_gradient": return .oneHotGradient(try oneHot())
    case "chain":
      let program = try attributes.text("program")
      do {
        return .chain(try ElementwiseChain(program: program))
      } catch {
        throw problem("chain: '\(error.part)' is not \(error.expected)")
      }
    default: return nil
    }
  }

  private mutating func mixture() throws -> MixtureForm {
    let width = try attributes.integer("width")
    let sizes = try attributes.integers("gate_sizes")
    let picks = try attributes.integers("picks")
    var gates: [[Int]] = []
    var rest = picks[...]
    for size in sizes {
      guard size >= 0, size <= rest.count else { break }
      gates.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    guard gates.count == sizes.count, rest.isEmpty else {
      throw problem("\(mnemonic): gate_sizes and picks do not fit each other")
    }
    return MixtureForm(width: width, gates: gates)
  }

  private mutating func embeddings() throws -> EmbeddingForm {
    let tables = try pairs("tables")
    let features = try attributes.integers("features")
    let words = try attributes.text("pooling").split(separator: " ")
    let poolings = words.compactMap { EmbeddingForm.Pooling(rawValue: String($0)) }
    guard poolings.count == words.count, poolings.count == features.count else {
      throw problem("\(mnemonic): needs a pooling for each feature: concat, sum or mean")
    }
    return EmbeddingForm(
      tables: tables.map { EmbeddingForm.Table(rows: $0, columns: $1) },
      features: zip(features, poolings).map { EmbeddingForm.Feature(table: $0, pooling: $1) })
  }

  private mutating func oneHot() throws -> OneHotForm {
    let rows = try attributes.integer("rows")
    let features = try pairs("features").map {
      OneHotForm.Feature(rowOffset: $0, rowCount: $1)
    }
    return OneHotForm(
      rows: rows, features: features, hasBias: try attributes.flag("bias"),
      hasAddend: try attributes.flag("addend"),
      activation: try attributes.activation("activation"),
      activationColumns: try columnRange("activation_columns"))
  }

  private mutating func pairs(_ name: String) throws -> [(Int, Int)] {
    let numbers = try attributes.integers(name)
    guard numbers.count.isMultiple(of: 2) else {
      throw problem("\(mnemonic): \(name) are pairs of numbers")
    }
    return stride(from: 0, to: numbers.count, by: 2).map { (numbers[$0], numbers[$0 + 1]) }
  }

  /// A range of columns `[start, end]`, nil where it is not written.
  mutating func columnRange(_ name: String) throws -> Range<Int>? {
    guard attributes.has(name) else { return nil }
    let columns = try attributes.integers(name)
    guard columns.count == 2, columns[0] <= columns[1] else {
      throw problem("\(mnemonic): \(name) are [start, end]")
    }
    return columns[0]..<columns[1]
  }
}
