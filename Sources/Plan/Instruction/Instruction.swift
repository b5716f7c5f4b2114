import Schema

/// One kernel call. Each case names the kernel family of the executor that runs it.
package enum Instruction: Sendable, Hashable {
  case matmul(MatmulInstruction)
  case elementwise(ElementwiseInstruction)
  case reduce(ReduceInstruction)
  case softmax(SoftmaxInstruction)
  case gather(GatherInstruction)
  case scatterAdd(ScatterAddInstruction)
  case oneHot(OneHotInstruction)
  case oneHotLinear(OneHotLinearInstruction)
  case oneHotGradient(OneHotGradientInstruction)
  case mixture(MixtureInstruction)
  case mixtureGradient(MixtureGradientInstruction)
  case random(RandomInstruction)
  case fill(FillInstruction)
  case batchSize(BatchSizeInstruction)
  case optimizer(OptimizerInstruction)
  case convolution(ConvolutionInstruction)
  case pool(PoolInstruction)
  case sparseUpdate(SparseUpdateInstruction)
  case group(GroupInstruction)
  case groupPairs(GroupPairsInstruction)

  /// When an instruction runs among the levels that its operands allow.
  package enum Timing: Sendable, Hashable {
    /// In the first one.
    case early
    /// In the program's last level, beside what else is there.
    case last
    /// In the first one, but it may go on until something needs its result.
    case patient
  }

  var body: any InstructionBody {
    switch self {
    case .matmul(let body): body
    case .elementwise(let body): body
    case .reduce(let body): body
    case .softmax(let body): body
    case .gather(let body): body
    case .scatterAdd(let body): body
    case .oneHot(let body): body
    case .oneHotLinear(let body): body
    case .oneHotGradient(let body): body
    case .mixture(let body): body
    case .mixtureGradient(let body): body
    case .random(let body): body
    case .fill(let body): body
    case .batchSize(let body): body
    case .optimizer(let body): body
    case .convolution(let body): body
    case .pool(let body): body
    case .sparseUpdate(let body): body
    case .group(let body): body
    case .groupPairs(let body): body
    }
  }

  /// What a plan file may hold; each is found by its code.
  static let bodies: [any InstructionBody.Type] = [
    MatmulInstruction.self, ElementwiseInstruction.self, ReduceInstruction.self,
    SoftmaxInstruction.self, GatherInstruction.self, ScatterAddInstruction.self,
    OneHotInstruction.self, OneHotLinearInstruction.self, OneHotGradientInstruction.self,
    MixtureInstruction.self, MixtureGradientInstruction.self, RandomInstruction.self,
    FillInstruction.self, BatchSizeInstruction.self, OptimizerInstruction.self,
    ConvolutionInstruction.self, PoolInstruction.self, SparseUpdateInstruction.self,
    GroupInstruction.self, GroupPairsInstruction.self,
  ]
}

/// Turns each instruction into calls of its kernel.
package protocol InstructionLinker {
  associatedtype Failure: Error
  mutating func link(_ instruction: MatmulInstruction) throws(Failure)
  mutating func link(_ instruction: ElementwiseInstruction) throws(Failure)
  mutating func link(_ instruction: ReduceInstruction) throws(Failure)
  mutating func link(_ instruction: SoftmaxInstruction) throws(Failure)
  mutating func link(_ instruction: GatherInstruction) throws(Failure)
  mutating func link(_ instruction: ScatterAddInstruction) throws(Failure)
  mutating func link(_ instruction: OneHotInstruction) throws(Failure)
  mutating func link(_ instruction: OneHotLinearInstruction) throws(Failure)
  mutating func link(_ instruction: OneHotGradientInstruction) throws(Failure)
  mutating func link(_ instruction: MixtureInstruction) throws(Failure)
  mutating func link(_ instruction: MixtureGradientInstruction) throws(Failure)
  mutating func link(_ instruction: RandomInstruction) throws(Failure)
  mutating func link(_ instruction: FillInstruction) throws(Failure)
  mutating func link(_ instruction: BatchSizeInstruction) throws(Failure)
  mutating func link(_ instruction: OptimizerInstruction) throws(Failure)
  mutating func link(_ instruction: ConvolutionInstruction) throws(Failure)
  mutating func link(_ instruction: PoolInstruction) throws(Failure)
  mutating func link(_ instruction: SparseUpdateInstruction) throws(Failure)
  mutating func link(_ instruction: GroupInstruction) throws(Failure)
  mutating func link(_ instruction: GroupPairsInstruction) throws(Failure)
}

extension Instruction {
  package func link<Linker: InstructionLinker>(by linker: inout Linker) throws(Linker.Failure) {
    switch self {
    case .matmul(let body): try linker.link(body)
    case .elementwise(let body): try linker.link(body)
    case .reduce(let body): try linker.link(body)
    case .softmax(let body): try linker.link(body)
    case .gather(let body): try linker.link(body)
    case .scatterAdd(let body): try linker.link(body)
    case .oneHot(let body): try linker.link(body)
    case .oneHotLinear(let body): try linker.link(body)
    case .oneHotGradient(let body): try linker.link(body)
    case .mixture(let body): try linker.link(body)
    case .mixtureGradient(let body): try linker.link(body)
    case .random(let body): try linker.link(body)
    case .fill(let body): try linker.link(body)
    case .batchSize(let body): try linker.link(body)
    case .optimizer(let body): try linker.link(body)
    case .convolution(let body): try linker.link(body)
    case .pool(let body): try linker.link(body)
    case .sparseUpdate(let body): try linker.link(body)
    case .group(let body): try linker.link(body)
    case .groupPairs(let body): try linker.link(body)
    }
  }
}

extension Instruction {
  /// Every element of the view becomes the value.
  package static func fill(_ view: View, _ value: Float) -> Instruction {
    .fill(FillInstruction(view: view, value: value))
  }

  /// The value that the case holds.
  package var contents: any Sendable { body }

  /// The name of the kernel family, for reports.
  package var name: String { body.name }
  package var timing: Timing { body.timing }

  /// What it touches, in the order in which it does.
  package var operands: [Operand] { body.operands }
  /// Every view that is read, those that are added to included.
  package var reads: [View] { operands.filter(\.access.reads).map(\.view) }
  /// Every view that is written.
  package var writes: [View] { operands.filter(\.access.writes).map(\.view) }

  /// Pairs of an operand that is read and one that may be written to the same memory instead of its
  /// own: the instruction touches the operand's buffer in no other way.
  package var inPlacePairs: [(read: View, written: View)] {
    let operands = operands
    let places = operands.indices.filter { operands[$0].use.sharing == .inPlace }
    var pairs: [(read: View, written: View)] = []
    for (place, read) in places.enumerated() where operands[read].access == .read {
      let view = operands[read].view
      guard operands.count(where: { $0.access.reads && $0.view.buffer == view.buffer }) == 1
      else { continue }
      for written in places[place...] where operands[written].access == .write {
        pairs.append((view, operands[written].view))
      }
    }
    return pairs
  }

  /// The same instruction on other views.
  package func mapViews(_ map: @escaping (View) -> View) -> Instruction {
    func mapped(_ body: some InstructionBody) -> Instruction {
      var walk = OperandWalk(replacingBy: map)
      var body = body
      body.visit(&walk)
      return body.instruction
    }
    return mapped(body)
  }

  /// The arithmetic of one run with `rows` rows (a multiply-add counts two), and the elements that
  /// are read and written.
  package func cost(rows: Int) -> InstructionCost {
    let body = body
    let elements = body.operands.reduce(0) { sum, operand in
      let count = zip(operand.view.extents, operand.view.strides).reduce(1) { product, axis in
        axis.1 == 0 ? product : product.times(axis.0.size(rows: rows))
      }
      let isBoth = operand.access.reads && operand.access.writes
      return sum.plus(isBoth ? count.times(2) : count)
    }
    return body.cost(rows: rows, elements: elements)
  }
}

extension Instruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    let body = body
    writer.byte(type(of: body).code)
    writer.put(body)
  }

  package init(from reader: inout ByteReader) throws {
    let code = try reader.byte()
    guard let type = Self.bodies.first(where: { $0.code == code }) else {
      throw reader.damaged("an instruction of unknown kind \(code)")
    }
    self = try type.init(from: &reader).instruction
  }
}
