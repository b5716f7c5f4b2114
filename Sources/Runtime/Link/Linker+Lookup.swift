import CKernels
import Plan

extension Linker {
  /// Ids `[rows, length]`: rows `stride` apart, neighbours adjacent.
  struct Ids {
    var pointer: UnsafeMutablePointer<Int32>
    var rows: Extent
    var length: Int
    var stride: Int
  }

  func ids(_ view: View, _ what: String) throws(LinkError) -> Ids {
    let address = try pointer(view, isInteger: true, what).assumingMemoryBound(to: Int32.self)
    guard let rows = view.extents.first, view.extents.count <= 2 else {
      throw fault("\(what): rank \(view.extents.count)")
    }
    guard view.extents.count == 2 else {
      return Ids(pointer: address, rows: rows, length: 1, stride: view.strides[0])
    }
    guard case .fixed(let length) = view.extents[1], length == 1 || view.strides[1] == 1 else {
      throw fault("\(what): ids of a row are not neighbours")
    }
    return Ids(pointer: address, rows: rows, length: length, stride: view.strides[0])
  }

  // MARK: Gather and scatter

  private struct LookupGroup {
    var base: UnsafeMutablePointer<Int32>
    var stride: Int
    var features: [(feature: mtlc_embedding_feature, ids: UnsafeMutablePointer<Int32>)]

    /// The features with their ids as columns of the matrix at `base`.
    var arranged: [mtlc_embedding_feature] {
      features.map { entry in
        var feature = entry.feature
        feature.id_column = Int64(entry.ids - base)
        return feature
      }
    }
  }

  /// The features by the stride of their ids: those of one feed go into one call.
  private func groups(
    _ features: [GatherInstruction.Feature], _ matrix: Matrix
  ) throws(LinkError) -> [LookupGroup] {
    var groups: [LookupGroup] = []
    for (k, feature) in features.enumerated() {
      let table = try self.matrix(feature.table, "table \(k)")
      guard case .fixed(let rows) = table.rows, case .fixed(let dimension) = table.columns,
        rows > 0
      else { throw fault("table \(k): \(table.rows)×\(table.columns)") }
      let ids = try ids(feature.ids, "ids \(k)")
      try check(ids.rows, matrix.rows, "ids \(k), rows")
      let width = feature.pooling == .concat ? ids.length * dimension : dimension
      guard feature.column >= 0, feature.column + width <= size(matrix.columns) else {
        throw fault("feature \(k): \(width) columns from \(feature.column) of \(matrix.columns)")
      }
      var entry = mtlc_embedding_feature()
      entry.table = UnsafePointer(table.pointer)
      entry.gradient = table.pointer
      entry.table_rows = Int64(rows)
      entry.dim = Int64(dimension)
      entry.ld_table = Int64(table.stride)
      entry.length = Int64(ids.length)
      entry.out_column = Int64(feature.column)
      entry.pooling = feature.pooling.kernelConstant
      if let g = groups.firstIndex(where: { $0.stride == ids.stride }) {
        groups[g].features.append((entry, ids.pointer))
        groups[g].base = min(groups[g].base, ids.pointer)
      } else {
        groups.append(
          LookupGroup(
            base: ids.pointer, stride: ids.stride, features: [(entry, ids.pointer)]))
      }
    }
    return groups
  }

  mutating func link(_ i: GatherInstruction) throws(LinkError) {
    let matrix = try matrix(i.matrix, writes: true, "matrix")
    for group in try groups(i.features, matrix) {
      var args = mtlc_gather_args()
      args.feature_count = Int64(group.features.count)
      args.features = UnsafePointer(store.make(group.arranged))
      args.ids = UnsafePointer(group.base)
      args.ld_ids = Int64(group.stride)
      (args.out, args.ld_out) = matrix.target
      add(gatherKernel, args, (\.rows, matrix.rows))
    }
  }

  mutating func link(_ i: ScatterAddInstruction) throws(LinkError) {
    let matrix = try matrix(i.matrix, "matrix")
    for (k, group) in try groups(i.features, matrix).enumerated() {
      // Features of two feeds may share a table, whose gradient one call alone may write.
      if k > 0 { beginLevel() }
      var args = mtlc_scatter_add_args()
      args.feature_count = Int64(group.features.count)
      args.features = UnsafePointer(store.make(group.arranged))
      args.ids = UnsafePointer(group.base)
      args.ld_ids = Int64(group.stride)
      (args.d_out, args.ld_d_out) = matrix.source
      add(scatterAddKernel, args, (\.rows, matrix.rows))
    }
  }
}

private let gatherKernel = KernelFamily<mtlc_gather_args>(
  { mtlc_gather_tiles($0.typed()) }, { mtlc_gather_run($0.typed(), $1, $2) })
private let scatterAddKernel = KernelFamily<mtlc_scatter_add_args>(
  { mtlc_scatter_add_tiles($0.typed()) }, { mtlc_scatter_add_run($0.typed(), $1, $2) })
