import Schema

/// Square windows over images [n, height, width, channels], without padding. `indices` is i32 of
/// the result's shape: the places in the windows, counted row by row; one outside of the window is
/// taken for 0.
package struct PoolInstruction: Sendable, Hashable {
  package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
    /// The places of the largest elements, and where `result` is there these elements.
    case largest = 0
    /// The elements at the indices.
    case gather
    /// The image with the elements of `result` added at the indices, zeros elsewhere.
    case scatter
  }
  package var kind: Kind
  package var image: View
  package var indices: View
  package var result: View?
  package var window: Int
  package var stride: Int

  package init(
    kind: Kind, image: View, indices: View, result: View?, window: Int, stride: Int
  ) {
    self.kind = kind
    self.image = image
    self.indices = indices
    self.result = result
    self.window = window
    self.stride = stride
  }
}

extension PoolInstruction: InstructionBody {
  static let code: UInt8 = 16
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.kind, \.image, \.indices, \.result, \.window, \.stride)
  var instruction: Instruction { .pool(self) }
  var name: String {
    switch kind {
    case .largest: "pool_indices"
    case .gather: "pool_gather"
    case .scatter: "pool_scatter"
    }
  }
  var detail: String { " window \(window) stride \(stride)" }

  mutating func visit(_ walk: inout OperandWalk) {
    walk(&image, kind == .scatter ? .write("image") : .read("image"))
    walk(
      &indices,
      kind == .largest ? .write("indices", dtype: .i32) : .read("indices", dtype: .i32))
    walk(&result, kind == .scatter ? .read("result") : .write("result"))
  }

  func cost(rows: Int, elements: Int) -> InstructionCost {
    InstructionCost(flops: elements.times(window), elements: elements)
  }

  func validate(_ check: inout ProgramValidator) {
    guard result != nil || kind == .largest else { return check.report("it has no result") }
    guard (1...Pixels.largest).contains(window), (1...Pixels.largest).contains(stride) else {
      return check.report("window \(window), stride \(stride)")
    }
    if let result { check.expect(result.extents, indices.extents, "result") }
    guard let x = check.pixels(image, "image"), let y = check.pixels(indices, "indices")
    else { return }
    if let result { check.expectDenseRows(result, "result") }
    if x.count != y.count || x.channels != y.channels
      || Pixels.windows(x.height, window, stride, 0) != y.height
      || Pixels.windows(x.width, window, stride, 0) != y.width
    {
      check.report("[\(check.text(indices.extents))] from [\(check.text(image.extents))]")
    }
  }
}

extension PoolInstruction.Kind: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .largest), (1, .gather), (2, .scatter),
  ]
}
