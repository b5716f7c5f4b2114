import Plan
import Schema

/// Writes the predict program of a plan as C statements for one row: an instruction after the other,
/// each a comment and its loops.
struct CProgram {
  let plan: Plan
  let program: Program
  let weights: CWeights
  let buffers: CBuffers
  let feeds: CFeeds
  var text = CText(depth: 1)
  var helpers: Set<CHelper> = []
  /// Arena buffers that were declared.
  private var declared: Set<BufferID> = []

  /// - Throws: for a plan without predictions for rows, or with an instruction that has no C.
  init(_ plan: Plan, _ feeds: CFeeds) throws(ExportError) {
    guard let program = plan.program(.predict), plan.episodes == nil else {
      throw ExportError(
        "the plan has no predictions for single rows",
        hint: "a model that learns from episodes adapts to a task first, which C source does not do"
      )
    }
    self.plan = plan
    self.program = program
    self.feeds = feeds
    buffers = try CBuffers(program)
    let views = program.instructions.flatMap { $0.operands.map(\.view) }
    weights = try CWeights(
      plan,
      ranges: views.compactMap { view in
        guard program[view.buffer].space == .parameters, let bounds = view.bounds(rows: 1) else {
          return nil
        }
        let start = program[view.buffer].offset
        return start + bounds.lowerBound..<start + bounds.upperBound + 1
      })
  }

  /// Writes all instructions.
  mutating func write() throws(ExportError) {
    for instruction in program.instructions {
      for view in instruction.writes { declare(view.buffer) }
      text.comment(comment(instruction))
      guard let body = instruction.contents as? any CInstruction else {
        throw ExportError(
          "the predictions need the instruction \(instruction.name), which has no C")
      }
      try body.write(to: &self)
      text.line()
    }
  }

  /// The numbers of an output, `[row, width]`, as C expressions.
  func output(_ name: String, width: Int) throws(ExportError) -> [String] {
    guard let fetch = program.fetches.first(where: { $0.name == name }) else {
      throw ExportError("the plan has no output \(name)")
    }
    let place = try place(fetch.view)
    guard place.sizes.count == 2, place.sizes == [1, width] else {
      throw ExportError("the output \(name) has the sizes \(place.sizes)")
    }
    return (0..<width).map { place.element(["0", "\($0)"]) }
  }

  // MARK: Comments

  /// What an instruction is, by the layers whose parameters it reads.
  private func comment(_ instruction: Instruction) -> String {
    var layers: [String] = []
    for view in instruction.reads where program[view.buffer].space == .parameters {
      guard let bounds = view.bounds(rows: 1) else { continue }
      let range = bounds.lowerBound..<bounds.upperBound + 1
      for record in plan.parameters where range.overlaps(record.span) {
        let layer = layerName(record.name)
        if !layers.contains(layer), touches(view, record) { layers.append(layer) }
      }
    }
    let shown = layers.prefix(8).joined(separator: ", ")
    let more = layers.count > 8 ? " and \(layers.count - 8) more" : ""
    let kind = kind(instruction)
    return layers.isEmpty ? kind : "\(shown)\(more): \(kind)"
  }

  /// The name of an instruction; of a chain of elementwise operations what they are.
  private func kind(_ instruction: Instruction) -> String {
    guard case .elementwise(let body) = instruction else { return instruction.name }
    var names: [String] = []
    for step in body.steps {
      switch step.operation.form {
      case .load, .store, .constant: continue
      case .compute, .reduceAll, .reduceColumns, .reduceInner: names.append(step.operation.name)
      }
    }
    return names.isEmpty ? "copy" : names.joined(separator: ", ")
  }

  /// Whether a view holds elements of a parameter. Both may lie in one matrix and have no column in common.
  private func touches(_ view: View, _ record: ParameterRecord) -> Bool {
    guard let stride = view.strides.first, stride == record.rowStride, record.rows > 1 else {
      return true
    }
    let columns = view.extents.last?.size(rows: 1) ?? 1
    let distance = (record.offset - view.offset) % stride
    return -record.columns < distance && distance < columns
  }

  // MARK: Places

  /// Declares the array of an arena buffer before its first use.
  private mutating func declare(_ buffer: BufferID) {
    guard program[buffer].space == .arena, declared.insert(buffer).inserted else { return }
    let type = program[buffer].dtype == .i32 ? "int32_t" : "float"
    text.line("\(type) \(buffers.name(buffer))[\(buffers.count(buffer))];")
  }

  /// Where the elements of a view are for one row.
  func place(_ view: View) throws(ExportError) -> CPlace {
    let buffer = program[view.buffer]
    let sizes = view.extents.map { $0.size(rows: 1) }
    switch buffer.space {
    case .arena:
      let (offset, strides) = buffers.compact(view)
      return CPlace(
        name: buffers.name(view.buffer), offset: offset, sizes: sizes, strides: strides,
        isInteger: buffer.dtype == .i32)
    case .feeds:
      guard let feed = program.feeds.first(where: { $0.buffer == view.buffer }) else {
        throw ExportError("the program reads memory that is no feed")
      }
      return CPlace(
        name: try feeds.expression(feed.name), offset: view.offset, sizes: sizes,
        strides: view.strides, isInteger: buffer.dtype == .i32)
    case .parameters:
      let start = buffer.offset + view.offset
      guard let table = weights.table(at: start) else {
        throw ExportError("the program reads memory that is no parameter")
      }
      return CPlace(
        name: table.name, offset: start - table.range.lowerBound, sizes: sizes,
        strides: view.strides, isInteger: false)
    case .gradients: throw ExportError("the predictions need gradients, which C source has not")
    }
  }

  /// The element of a view that has one.
  func element(_ view: View) throws(ExportError) -> String {
    let place = try place(view)
    return place.element(place.sizes.map { _ in "0" })
  }

  /// Refuses what mixes the rows of a batch: of one row alone it is something else.
  func requireOneRow(_ extents: some Sequence<Extent>) throws(ExportError) {
    for case .batch in extents {
      throw ExportError("the predictions of a row depend on the other rows of its batch")
    }
  }
}

/// Strided elements of a C array.
struct CPlace {
  var name: String
  var offset: Int
  var sizes: [Int]
  var strides: [Int]
  var isInteger: Bool

  /// `name[12 + i * 4]`, of constant and variable indices.
  func element(_ indices: [String]) -> String {
    var constant = offset
    var terms: [String] = []
    for (index, stride) in zip(indices, strides) where stride != 0 {
      if let value = Int(index) {
        constant += value * stride
      } else {
        let factor = index.contains(" ") ? "(\(index))" : index
        terms.append(stride == 1 ? index : "\(factor) * \(stride)")
      }
    }
    if constant != 0 || terms.isEmpty { terms.insert("\(constant)", at: 0) }
    return "\(name)[\(terms.joined(separator: " + "))]"
  }

  /// The address of an element.
  func pointer(_ indices: [String] = []) -> String {
    let element = element(indices + sizes.dropFirst(indices.count).map { _ in "0" })
    let inside = element.dropFirst(name.count + 1).dropLast()
    return inside == "0" ? name : "\(name) + \(inside)"
  }
}
