import GraphIR
import Plan
import TensorTypes

extension Lowering {
  mutating func lower(_ op: ConvolutionOp, _ node: Graph.Node) throws {
    guard let value = node.results.first else { return }
    if case .poolGather = op, maxima[node.operands[1]] == value { return }
    let type = graph.type(of: value)
    let first = try pixels(try operand(node, 0))
    let second = node.operands.count > 1 ? try pixels(try operand(node, 1)) : first
    func convolution(
      _ kind: ConvolutionInstruction.Kind, _ form: ConvolutionForm, image: View, filter: View,
      result: View
    ) -> Instruction {
      .convolution(
        ConvolutionInstruction(
          kind: kind, image: image, filter: filter, result: result, stride: form.stride,
          padding: form.padding))
    }
    func pool(
      _ kind: PoolInstruction.Kind, _ form: PoolingForm, image: View, indices: View, result: View?
    ) -> Instruction {
      .pool(
        PoolInstruction(
          kind: kind, image: image, indices: indices, result: result, window: form.window,
          stride: form.stride))
    }
    let largest = maxima[value].flatMap { placement[$0] }
    try writePixels(try result(node), type) { target in
      switch op {
      case .conv2d(let form):
        convolution(.forward, form, image: first, filter: second, result: target)
      case .inputGradient(let form, _, _):
        convolution(.inputGradient, form, image: target, filter: first, result: second)
      case .filterGradient(let form, _, _):
        convolution(.filterGradient, form, image: first, filter: target, result: second)
      case .poolIndices(let form):
        pool(.largest, form, image: first, indices: target, result: largest)
      case .poolGather(let form):
        pool(.gather, form, image: first, indices: second, result: target)
      case .poolScatter(let form, _, _):
        pool(.scatter, form, image: target, indices: first, result: second)
      }
    }
  }

  /// By the places of the largest elements, these elements where they are gathered: they are at
  /// hand when their places are found.
  static func maxima(_ graph: Graph, _ placement: Placement) -> [ValueID: ValueID] {
    var result: [ValueID: ValueID] = [:]
    for node in graph.nodes {
      guard case .convolution(.poolGather(let form)) = node.op, node.operands.count == 2,
        case let search = graph.producer(of: node.operands[1]),
        search.op == .convolution(.poolIndices(form)), search.operands == [node.operands[0]],
        let value = node.results.first, result[node.operands[1]] == nil,
        placement[value]?.strides.last == 1
      else { continue }
      result[node.operands[1]] = value
    }
    return result
  }

  /// A value of rank 4 whose last axis has no gaps.
  private mutating func pixels(_ value: ValueID) throws -> View {
    var view = try view(value)
    if shape(value)[3] == 1 { view.strides[3] = 1 }
    return view.strides[3] == 1 ? view : try contiguousCopy(value)
  }

  /// Emits an instruction that writes pixels; through a temporary where the target has gaps.
  private mutating func writePixels(
    _ target: View, _ type: TensorType, _ instruction: (View) -> Instruction
  ) throws {
    var target = target
    if type.shape[3] == 1 { target.strides[3] = 1 }
    guard target.strides[3] != 1 else { return emit(instruction(target)) }
    let temporary = try placement.table.temporary(type, label: "pixels")
    emit(instruction(temporary))
    try copy(temporary, to: target, shape: type.shape)
  }
}
