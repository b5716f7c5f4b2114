import GraphIR

extension EagerKernels {
  static func convolution(
    _ op: ConvolutionOp, _ operands: [Tensor], _ sizes: [Int]
  ) throws -> Storage {
    let (a, b) = (operands[0], operands.last ?? operands[0])
    switch op {
    case .conv2d(let form):
      let taps = Taps(form, image: a.sizes, filter: b.sizes, result: sizes)
      return .floats(taps.results(a.floats, b.floats, count: elementCount(sizes)))
    case .inputGradient(let form, _, _):
      let taps = Taps(form, image: sizes, filter: a.sizes, result: b.sizes)
      return .floats(taps.images(a.floats, b.floats, count: elementCount(sizes)))
    case .filterGradient(let form, _, _):
      let taps = Taps(form, image: a.sizes, filter: sizes, result: b.sizes)
      return .floats(taps.filters(a.floats, b.floats, count: elementCount(sizes)))
    case .poolIndices(let form):
      let windows = Windows(form, image: a.sizes, result: sizes)
      return .ids(windows.largest(a.floats))
    case .poolGather(let form):
      let windows = Windows(form, image: a.sizes, result: sizes)
      let image = a.floats
      var result = [Scalar](repeating: 0, count: b.count)
      for (place, index) in b.ids.enumerated() {
        result[place] = image[try windows.element(op, place, index)]
      }
      return .floats(result)
    case .poolScatter(let form, _, _):
      let windows = Windows(form, image: sizes, result: a.sizes)
      let cotangent = b.floats
      var result = [Scalar](repeating: 0, count: elementCount(sizes))
      for (place, index) in a.ids.enumerated() {
        result[try windows.element(op, place, index)] += cotangent[place]
      }
      return .floats(result)
    }
  }
}

/// The index triples of a convolution: for each pixel of the result and each
/// place of the filter the pixel of the image, where there is one.
private struct Taps {
  let form: ConvolutionForm
  let image: [Int]
  let filter: [Int]
  let result: [Int]

  init(_ form: ConvolutionForm, image: [Int], filter: [Int], result: [Int]) {
    self.form = form
    self.image = image
    self.filter = filter
    self.result = result
  }

  private var channels: Int { filter[2] }
  private var units: Int { filter[3] }

  /// Calls `body` with the places of the first channel of the pixel, of the first element of the
  /// filter's matrix, and of the first unit of the result.
  @inline(__always)
  private func forEach(_ body: (Int, Int, Int) -> Void) {
    for n in 0..<result[0] {
      for i in 0..<result[1] {
        for j in 0..<result[2] {
          let target = ((n * result[1] + i) * result[2] + j) * units
          for a in 0..<filter[0] {
            let row = form.stride * i + a - form.padding
            guard row >= 0, row < image[1] else { continue }
            for b in 0..<filter[1] {
              let column = form.stride * j + b - form.padding
              guard column >= 0, column < image[2] else { continue }
              body(
                ((n * image[1] + row) * image[2] + column) * channels,
                (a * filter[1] + b) * channels * units, target)
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private func accumulate<Scalar: EagerScalar>(
    _ first: [Scalar], _ second: [Scalar], count: Int,
    _ body: (
      UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>, Int, Int, Int
    ) -> Void
  ) -> [Scalar] {
    var sums = [Scalar](repeating: 0, count: count)
    first.withUnsafeBufferPointer { first in
      second.withUnsafeBufferPointer { second in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let first = first.baseAddress, let second = second.baseAddress,
            let sums = sums.baseAddress
          else { return }
          forEach { body(sums, first, second, $0, $1, $2) }
        }
      }
    }
    return sums
  }

  func results<Scalar: EagerScalar>(
    _ image: [Scalar], _ filter: [Scalar], count: Int
  ) -> [Scalar] {
    let (channels, units) = (channels, units)
    return accumulate(image, filter, count: count) { sums, x, w, pixel, matrix, target in
      for c in 0..<channels {
        let (factor, row) = (x[pixel + c], w + matrix + c * units)
        for o in 0..<units { sums[target + o] += factor * row[o] }
      }
    }
  }

  func images<Scalar: EagerScalar>(
    _ filter: [Scalar], _ cotangent: [Scalar], count: Int
  ) -> [Scalar] {
    let (channels, units) = (channels, units)
    return accumulate(filter, cotangent, count: count) { sums, w, g, pixel, matrix, target in
      for c in 0..<channels {
        let row = w + matrix + c * units
        var sum: Scalar = 0
        for o in 0..<units { sum += row[o] * g[target + o] }
        sums[pixel + c] += sum
      }
    }
  }

  func filters<Scalar: EagerScalar>(
    _ image: [Scalar], _ cotangent: [Scalar], count: Int
  ) -> [Scalar] {
    let (channels, units) = (channels, units)
    return accumulate(image, cotangent, count: count) { sums, x, g, pixel, matrix, target in
      for c in 0..<channels {
        let (factor, row) = (x[pixel + c], sums + matrix + c * units)
        for o in 0..<units { row[o] += factor * g[target + o] }
      }
    }
  }
}

/// The windows of a pooling.
private struct Windows {
  let form: PoolingForm
  let image: [Int]
  let result: [Int]

  init(_ form: PoolingForm, image: [Int], result: [Int]) {
    self.form = form
    self.image = image
    self.result = result
  }

  /// Where element `index` of the window behind an element of the result lies in the image.
  func element(_ op: ConvolutionOp, _ place: Int, _ index: Int32) throws -> Int {
    let size = form.window * form.window
    guard index >= 0, Int(index) < size else {
      throw EagerError.idOutOfRange(op: op.mnemonic, id: Int(index), rows: size)
    }
    return element(place, Int(index))
  }

  private func element(_ place: Int, _ index: Int) -> Int {
    let channel = place % result[3]
    let column = place / result[3] % result[2] * form.stride + index % form.window
    let row = place / (result[3] * result[2]) % result[1] * form.stride + index / form.window
    let picture = place / (result[3] * result[2] * result[1])
    return ((picture * image[1] + row) * image[2] + column) * image[3] + channel
  }

  /// The first of the largest elements of each window.
  func largest<Scalar: EagerScalar>(_ image: [Scalar]) -> [Int32] {
    (0..<result.reduce(1, *)).map { place in
      var best = 0
      for index in 1..<max(1, form.window * form.window)
      where image[element(place, index)] > image[element(place, best)] {
        best = index
      }
      return Int32(best)
    }
  }
}
