/// A dense row-major array of Doubles; masks are 0 and 1, ids whole numbers.
public struct ReferenceTensor: Sendable, Hashable {
  public var sizes: [Int]
  public var elements: [Double]

  public init(_ sizes: [Int], _ elements: [Double]) {
    precondition(elements.count == sizes.reduce(1, *), "the elements fill the shape")
    self.sizes = sizes
    self.elements = elements
  }

  public init(_ sizes: [Int], repeating value: Double) {
    self.init(sizes, Array(repeating: value, count: sizes.reduce(1, *)))
  }

  /// Computes each element from its index.
  public init(_ sizes: [Int], _ element: (_ index: [Int]) -> Double) {
    var elements: [Double] = []
    elements.reserveCapacity(sizes.reduce(1, *))
    ReferenceTensor.forEachIndex(sizes) { elements.append(element($0)) }
    self.init(sizes, elements)
  }

  /// Visits all indices of a shape in row-major order.
  public static func forEachIndex(_ sizes: [Int], _ body: (_ index: [Int]) -> Void) {
    var index = Array(repeating: 0, count: sizes.count)
    for _ in 0..<sizes.reduce(1, *) {
      body(index)
      var axis = sizes.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < sizes[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
  }

  public subscript(index: [Int]) -> Double {
    get { elements[offset(index)] }
    set { elements[offset(index)] = newValue }
  }

  private func offset(_ index: [Int]) -> Int {
    var offset = 0
    for axis in 0..<sizes.count { offset = offset * sizes[axis] + index[axis] }
    return offset
  }

  /// The element that stands at `index` of a shape this tensor broadcasts to.
  public func broadcastElement(_ index: [Int]) -> Double {
    var offset = 0
    let extra = index.count - sizes.count
    for axis in 0..<sizes.count {
      offset = offset * sizes[axis] + (sizes[axis] == 1 ? 0 : index[extra + axis])
    }
    return elements[offset]
  }
}
