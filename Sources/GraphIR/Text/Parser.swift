import TensorTypes

extension Graph {
  /// Reads the text form. Values may have any names (`%x`); they are numbered anew in order.
  /// - Throws: `ParseError` with line and column, for text and for operands that do not fit.
  public init(parsing text: String) throws {
    var parser = try Parser(text)
    self = try parser.parse()
  }
}

/// A parser of one graph by recursive descent, one token ahead.
private struct Parser {
  private var lexer: Lexer
  private var token: Token
  private var builder = GraphBuilder(name: "")
  private var values: [String: ValueID] = [:]

  init(_ text: String) throws {
    lexer = Lexer(text)
    token = try lexer.next()
  }

  mutating func parse() throws -> Graph {
    try expect(word: "graph")
    guard case .parameter(let name) = token.kind else {
      throw unexpected("the name @… of the graph")
    }
    builder = GraphBuilder(name: name)
    try advance()
    try expect("{")
    while !at("}") { try parseStatement() }
    try expect("}")
    guard token.kind == .end else { throw unexpected("the end of the text") }
    return builder.graph
  }

  private mutating func parseStatement() throws {
    switch token.kind {
    case .value: try parseNode()
    case .word("parameter"): try parseDeclaration()
    case .word("return"): try parseReturn()
    case .word: try parseOp(results: [], at: token.offset)
    default: throw unexpected("a node, 'parameter', 'return' or '}'")
    }
  }

  // MARK: Declarations and outputs

  private mutating func parseDeclaration() throws {
    let start = token.offset
    try advance()
    guard case .parameter(let name) = token.kind else { throw unexpected("@name") }
    let id = ParameterID(name)
    guard builder.declaredType(of: id) == nil else {
      throw error("\(id) is declared twice")
    }
    try advance()
    try expect(":")
    let type = try parseType()
    try expect("=")
    let place = token.offset
    let kind = try takeWord("constant, normal or uniform")
    let number = try parseArgument()
    let initializer: Initializer
    switch kind {
    case "constant": initializer = .constant(number)
    case "normal": initializer = .normal(number)
    case "uniform": initializer = .uniform(number)
    default: throw lexer.error(at: place, "unknown initializer '\(kind)'")
    }
    var parameter = Parameter(id, type, initializer)
    while case .word(let word) = token.kind, word == "l2" || word == "frozen" {
      try advance()
      if word == "l2" { parameter.l2 = try parseArgument() } else { parameter.isTrainable = false }
    }
    try located(start) { try builder.declare(parameter) }
  }

  private mutating func parseReturn() throws {
    try advance()
    repeat {
      let start = token.offset
      let name: String
      switch token.kind {
      case .word(let word): name = word
      case .string(let quoted): name = quoted
      default: throw unexpected("the name of an output")
      }
      try advance()
      try expect("=")
      let value = try takeValue()
      try located(start) { try builder.output(name, value) }
    } while try take(",")
  }

  // MARK: Nodes

  private mutating func parseNode() throws {
    let start = token.offset
    var names: [(name: String, offset: Int)] = []
    repeat {
      guard case .value(let name) = token.kind else { throw unexpected("a value such as %0") }
      guard values[name] == nil, !names.contains(where: { $0.name == name }) else {
        throw error("%\(name) is defined twice")
      }
      names.append((name, token.offset))
      try advance()
    } while try take(",")
    try expect("=")
    try parseOp(results: names.map(\.name), at: start)
  }

  private mutating func parseOp(results: [String], at start: Int) throws {
    let offset = token.offset
    let mnemonic = try takeWord("the name of an op")
    var subject: OpReader.Subject?
    var operands: [ValueID] = []
    var isFirst = true
    while try isFirst ? startsOperand : take(",") {
      if isFirst, let read = try parseSubject() {
        subject = read
      } else {
        operands.append(try takeValue())
      }
      isFirst = false
    }
    let attributes = try parseAttributes(mnemonic, offset)
    var types: [TensorType] = []
    if try take(":") {
      repeat { types.append(try parseType()) } while try take(",")
    }
    let builder = builder
    let count = builder.graph.nodes.count
    let values = try located(offset) {
      var reader = OpReader(
        subject: subject, attributes: attributes, types: types,
        declaredType: { builder.declaredType(of: $0) })
      let op = try reader.op()
      let values = try builder.emit(op, operands)
      for (index, (value, type)) in zip(values, types).enumerated() {
        let inferred = builder.type(of: value)
        guard inferred == type else {
          throw TypeError(
            op: mnemonic, "result \(index) has type \(inferred), and \(type) is written")
        }
      }
      return values
    }
    guard builder.graph.nodes.count > count else {
      throw lexer.error(at: start, "\(mnemonic): is read a second time")
    }
    guard values.count == types.count, values.count == results.count else {
      throw lexer.error(
        at: start,
        "\(mnemonic): has \(values.count) results, and \(results.count) names and "
          + "\(types.count) types are written")
    }
    for (name, value) in zip(results, values) { self.values[name] = value }
  }

  private var startsOperand: Bool {
    switch token.kind {
    case .value, .parameter, .input, .number: true
    case .word(let word): word == "inf" || word == "nan"
    case .string, .symbol, .end: false
    }
  }

  private mutating func parseSubject() throws -> OpReader.Subject? {
    switch token.kind {
    case .parameter(let name):
      try advance()
      return .parameter(ParameterID(name))
    case .input(let name):
      try advance()
      return .input(InputID(name))
    case .number, .word:
      return .number(try takeNumber())
    case .value, .string, .symbol, .end:
      return nil
    }
  }

  private mutating func parseAttributes(_ mnemonic: String, _ offset: Int) throws -> AttributeReader
  {
    var reader = AttributeReader(mnemonic: mnemonic, offset: offset)
    guard try take("{") else { return reader }
    repeat {
      let start = token.offset
      let name = try takeWord("the name of an attribute")
      let value = try take("=") ? try parseAttributeValue() : .flag
      try located(start) {
        try reader.add(name, AttributeReader.Entry(value: value, offset: start))
      }
    } while try take(",")
    try expect("}")
    return reader
  }

  private mutating func parseAttributeValue() throws -> AttributeValue {
    switch token.kind {
    case .word(let text), .string(let text):
      try advance()
      return .word(text)
    default: break
    }
    guard try take("[") else { return .integer(try takeInteger()) }
    var list: [Int] = []
    if try take("]") { return .integers(list) }
    repeat { list.append(try takeInteger()) } while try take(",")
    try expect("]")
    return .integers(list)
  }

  private mutating func parseType() throws -> TensorType {
    let start = token.offset
    let name = try takeWord("a type such as f32[B, 16]")
    guard let dtype = DType(rawValue: name) else {
      throw lexer.error(at: start, "unknown element type '\(name)'")
    }
    try expect("[")
    var dimensions: [Dimension] = []
    if try !take("]") {
      repeat {
        if case .word(let word) = token.kind, let dimension = Dimension(text: word) {
          dimensions.append(dimension)
          try advance()
        } else {
          dimensions.append(.fixed(try takeInteger()))
        }
      } while try take(",")
      try expect("]")
    }
    let type = TensorType(dtype, Shape(dimensions))
    if let defect = type.defect { throw lexer.error(at: start, "\(type) \(defect)") }
    return type
  }

  /// A number in parentheses.
  private mutating func parseArgument() throws -> Double {
    try expect("(")
    let value = try takeNumber()
    try expect(")")
    return value
  }

  // MARK: Tokens

  private mutating func advance() throws { token = try lexer.next() }

  private func at(_ symbol: Character) -> Bool { token.kind == .symbol(symbol) }

  private mutating func take(_ symbol: Character) throws -> Bool {
    guard at(symbol) else { return false }
    try advance()
    return true
  }

  private mutating func expect(_ symbol: Character) throws {
    guard try take(symbol) else { throw unexpected("'\(symbol)'") }
  }

  private mutating func expect(word: String) throws {
    guard token.kind == .word(word) else { throw unexpected("'\(word)'") }
    try advance()
  }

  private mutating func takeWord(_ expected: String) throws -> String {
    guard case .word(let word) = token.kind else { throw unexpected(expected) }
    try advance()
    return word
  }

  private mutating func takeValue() throws -> ValueID {
    guard case .value(let name) = token.kind else { throw unexpected("a value such as %0") }
    guard let value = values[name] else { throw error("%\(name) is not defined above") }
    try advance()
    return value
  }

  private mutating func takeInteger() throws -> Int {
    guard case .number(let digits) = token.kind, let value = Int(digits) else {
      throw unexpected("a whole number")
    }
    try advance()
    return value
  }

  private mutating func takeNumber() throws -> Double {
    let value: Double
    switch token.kind {
    case .number("-inf"): value = -.infinity
    case .word("inf"): value = .infinity
    case .word("nan"): value = .nan
    case .number(let digits): value = Double(digits) ?? .nan
    default: throw unexpected("a number")
    }
    try advance()
    return value
  }

  // MARK: Errors

  private func error(_ message: String) -> ParseError {
    lexer.error(at: token.offset, message)
  }

  private func unexpected(_ expected: String) -> ParseError {
    error("expected \(expected), found \(token.text)")
  }

  /// Runs what throws errors without a place, and gives them this one.
  private func located<Result>(_ offset: Int, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let problem as AttributeReader.Problem {
      throw lexer.error(at: problem.offset, problem.message)
    } catch let error as TypeError {
      throw lexer.error(at: offset, error.description)
    }
  }
}
