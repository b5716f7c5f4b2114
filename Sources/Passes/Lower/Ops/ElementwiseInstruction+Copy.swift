import Plan

extension ElementwiseInstruction {
  /// What a copy of its first view to its second does.
  static let copySteps: [Step] = [
    Step(.load, destination: 0, a: 0), Step(.store, a: 0, b: 1),
  ]

  /// This copy of a run of elements and the next as one; nil where they are no such copies, or the
  /// next does not begin where this one ends, in both views.
  func joined(with next: ElementwiseInstruction) -> ElementwiseInstruction? {
    guard steps == Self.copySteps, next.steps == Self.copySteps, extents.count == 1,
      next.extents.count == 1, case .fixed(let first) = extents[0],
      case .fixed(let second) = next.extents[0],
      zip(views, next.views).allSatisfy({ view, other in
        view.buffer == other.buffer && view.offset + first == other.offset
          && view.strides == [1] && other.strides == [1]
      })
    else { return nil }
    var both = self
    both.extents = [.fixed(first + second)]
    for index in both.views.indices { both.views[index].extents = both.extents }
    return both
  }
}
