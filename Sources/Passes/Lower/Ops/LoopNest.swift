import GraphIR
import Plan
import TensorTypes

/// The axes of an elementwise loop or a reduction with the strides of everything it touches, with
/// axes of size 1 dropped and neighbours merged, so that inner loops are long.
struct LoopNest {
  struct Axis {
    var extent: Extent
    /// One per operand.
    var strides: [Int]
    var isReduced: Bool
  }

  private(set) var axes: [Axis] = []

  /// - Parameters:
  ///   - views: One per operand, each of `shape`'s rank; stride 0 along broadcast axes.
  ///   - reduced: The axes that are reduced; only axes of one kind are merged.
  init(shape: Shape, views: [View], reduced: [Bool]? = nil) throws {
    for axis in 0..<shape.rank where shape[axis] != 1 {
      let isReduced = reduced?[axis] ?? false
      let strides = views.map { $0.strides[axis] }
      if let last = axes.last, last.isReduced == isReduced, let size = shape[axis].fixedSize,
        zip(last.strides, strides).allSatisfy({ $0 == $1 * size })
      {
        switch last.extent {
        case .fixed(let outer): axes[axes.count - 1].extent = .fixed(outer * size)
        case .batch(let times): axes[axes.count - 1].extent = .batch(times: times * size)
        }
        axes[axes.count - 1].strides = strides
      } else {
        axes.append(
          Axis(extent: Views.extent(shape[axis]), strides: strides, isReduced: isReduced))
      }
    }
    if axes.isEmpty {
      axes = [Axis(extent: .fixed(1), strides: views.map { _ in 0 }, isReduced: false)]
    }
    guard axes.count <= ElementwiseInstruction.maximumRank else {
      throw LoweringError("a loop over shape \(shape) needs more than four axes")
    }
  }

  var extents: [Extent] { axes.map(\.extent) }

  /// The operand's view over the merged axes.
  func view(_ index: Int, of view: View) -> View {
    View(
      buffer: view.buffer, offset: view.offset, extents: extents,
      strides: axes.map { $0.strides[index] })
  }
}
