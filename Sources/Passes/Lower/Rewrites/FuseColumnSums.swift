import Plan
import TensorTypes

/// A bias gradient is the column sums of the cotangent that the weight gradient multiplies with:
/// the product computes both while it has the cotangent in cache.
struct FuseColumnSums: InstructionPass {
  let name = "fuse_column_sums"

  func run(_ draft: inout ProgramDraft) {
    let instructions = draft.instructions
    var result = instructions
    var removed: Set<Int> = []
    var products: [View: Int] = [:]
    for (index, instruction) in result.enumerated() {
      guard case .matmul(let product) = instruction, product.transposeA, !product.transposeB,
        product.columnSums == nil, let columns = Self.allColumns(product), products[columns] == nil
      else { continue }
      products[columns] = index
    }
    guard !products.isEmpty else { return }
    var touched = TouchedMemory(capacity: draft.capacity)
    for (index, instruction) in instructions.enumerated() {
      touched.insert(instruction.operands, of: index)
    }
    for (index, instruction) in instructions.enumerated() {
      guard case .reduce(let reduce) = instruction, reduce.kind == .sum,
        let target = products[reduce.input],
        case .matmul(var product) = result[target], product.columnSums == nil,
        let sums = Self.columnSums(reduce, groups: product.groups),
        Self.isUnread(touched, reduce.output, between: index, and: target)
      else { continue }
      product.columnSums = sums
      result[target] = .matmul(product)
      removed.insert(index)
    }
    draft.instructions = result.enumerated().filter { !removed.contains($0.offset) }
      .map(\.element)
  }

  /// The right operands of all groups as one matrix; nil where they do not lie side by side.
  private static func allColumns(_ product: MatmulInstruction) -> View? {
    let b = product.b
    guard product.groups > 1 else { return b }
    guard b.extents.count == 3, case .fixed(let columns) = b.extents[2], b.strides[0] == columns,
      b.strides[2] == 1
    else { return nil }
    return View(
      buffer: b.buffer, offset: b.offset,
      extents: [b.extents[1], .fixed(product.groups * columns)], strides: [b.strides[1], 1])
  }

  /// The vector that a reduction over the rows of a matrix writes, cut into a row for each group.
  private static func columnSums(_ reduce: ReduceInstruction, groups: Int) -> View? {
    guard reduce.reduced == [true, false], reduce.output.strides[1] == 1,
      case .fixed(let count) = reduce.output.extents[1], count % groups == 0
    else { return nil }
    return View(
      buffer: reduce.output.buffer, offset: reduce.output.offset,
      extents: groups == 1 ? [.fixed(count)] : [.fixed(groups), .fixed(count / groups)],
      strides: groups == 1 ? [1] : [count / groups, 1])
  }

  /// Whether nobody reads or writes the sums in the part of the order that the move crosses.
  private static func isUnread(
    _ touched: TouchedMemory, _ view: View, between a: Int, and b: Int
  ) -> Bool {
    let crossed = a < b ? (a + 1)...b : b...Swift.max(b, a - 1)
    var isUnread = true
    for access in [Operand.Access.read, .write] {
      touched.forEach(access, of: view) {
        $0 != a && crossed.contains($0)
      } _: { _ in
        isUnread = false
      }
    }
    return isUnread
  }
}
