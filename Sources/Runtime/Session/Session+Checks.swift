import Plan

extension Session {
  /// Checks what the linker does not come across: parameters, feeds and fetches inside their
  /// blocks.
  static func check(_ plan: Plan) throws(LinkError) {
    for record in plan.parameters {
      let isInside =
        record.offset >= 0 && record.rows >= 0 && record.columns >= 0
        && record.rowStride >= record.columns
        && reach(record.offset, [(record.rows, record.rowStride), (record.columns, 1)])
          <= plan.parameterFloats
      guard isInside else {
        throw LinkError("parameter '\(record.name)' lies outside the parameter block")
      }
    }
    for program in plan.programs {
      let name = program.kind.rawValue
      for feed in program.feeds {
        guard program.buffers.indices.contains(feed.buffer.index), feed.width >= 0,
          program[feed.buffer].space == .feeds,
          reach(0, [(program.batchCapacity, feed.width), (feed.width, 1)])
            <= program[feed.buffer].count
        else { throw LinkError("\(name) program: feed '\(feed.name)' leaves its buffer") }
      }
      for fetch in program.fetches {
        let view = fetch.view
        guard program.buffers.indices.contains(view.buffer.index), view.offset >= 0,
          view.extents.count == view.strides.count, !view.strides.contains(where: { $0 < 0 }),
          reach(
            view.offset,
            zip(view.extents, view.strides).map { ($0.size(rows: program.batchCapacity), $1) })
            <= program[view.buffer].count
        else { throw LinkError("\(name) program: fetch '\(fetch.name)' leaves its buffer") }
      }
    }
  }

  /// One past the last element of a strided block; the largest number when that overflows.
  private static func reach(_ offset: Int, _ axes: [(count: Int, stride: Int)]) -> Int {
    var last = offset
    for (count, stride) in axes {
      if count <= 0 { return offset }
      let (product, overflow) = (count - 1).multipliedReportingOverflow(by: stride)
      let (sum, beyond) = last.addingReportingOverflow(product)
      if overflow || beyond { return Int.max }
      last = sum
    }
    return last == Int.max ? last : last + 1
  }
}
