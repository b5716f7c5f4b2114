import CKernels
import Plan
import Schema

extension Linker {
  mutating func link(_ i: SparseUpdateInstruction) throws(LinkError) {
    guard let rule = shared.optimizer.sparse else {
      throw fault("the plan has no sparse optimizer")
    }
    let table = try matrix(i.table, "table")
    guard case .fixed(let rows) = table.rows, case .fixed(let dimension) = table.columns,
      rows > 0, dimension > 0, rows <= Int(Int32.max)
    else { throw fault("table: \(table.rows)×\(table.columns)") }
    guard !i.sources.isEmpty, i.sources.count <= Int(UInt16.max) else {
      throw fault("\(i.sources.count) sources")
    }
    var occurrences = 0
    var sources: [mtlc_sparse_source] = []
    var extents: [Extent] = []
    for (k, source) in i.sources.enumerated() {
      let gradient = try matrix(source.matrix, "source \(k)")
      var entry = mtlc_sparse_source()
      entry.length = 1
      entry.d_out = UnsafePointer(gradient.pointer)
      entry.ld_d_out = Int64(gradient.stride)
      entry.pooling = Int32(source.pooling.rawValue)
      if let view = source.ids {
        let ids = try ids(view, "ids \(k)")
        try check(ids.rows, gradient.rows, "ids \(k), rows")
        entry.ids = UnsafePointer(ids.pointer)
        entry.ld_ids = Int64(ids.stride)
        entry.length = Int64(ids.length)
      } else if gradient.rows != table.rows {
        throw fault("source \(k): \(gradient.rows) rows for a table of \(rows)")
      }
      let width = source.pooling == .concat ? Int(entry.length) * dimension : dimension
      guard gradient.columns == .fixed(width), entry.length <= Int(UInt16.max) else {
        throw fault("source \(k): \(gradient.columns) columns, \(width) expected")
      }
      occurrences += size(gradient.rows) * Int(entry.length)
      sources.append(entry)
      extents.append(gradient.rows)
    }
    guard occurrences <= Int(Int32.max) / 8 else {
      throw fault("\(occurrences) occurrences of ids")
    }
    let place = store.make(sources)
    for (k, extent) in extents.enumerated() {
      bind((place + k).pointer(to: \.rows), extent)
    }
    var args = mtlc_sparse_args()
    args.kind = rule.kernel
    args.l2 = i.l2
    args.source_count = Int64(sources.count)
    args.sources = UnsafePointer(place)
    args.table = table.pointer
    args.table_rows = Int64(rows)
    args.dim = Int64(dimension)
    args.ld_table = Int64(table.stride)
    args.state1 = shared.state(0, of: table.pointer)
    args.state2 = shared.state(1, of: table.pointer)
    args.hyper = UnsafePointer(shared.sparseHyper)
    args.scratch = try scratch(occurrences, dimension)
    let pointer = store.make(args)
    add(.sparseRoute, pointer)
    beginLevel()
    add(.sparseUpdate, pointer)
  }

  /// Pages that no step touches stay unbacked.
  private mutating func scratch(
    _ occurrences: Int, _ dimension: Int
  ) throws(LinkError) -> UnsafeMutablePointer<mtlc_sparse_scratch> {
    let parts = Int(MTLC_SPARSE_PARTS)
    let records = (occurrences * MemoryLayout<mtlc_sparse_record>.stride + 63) & ~63
    let list = (occurrences * 4 + 63) & ~63
    let slots = (16 * occurrences + 16 * parts + 63) & ~63
    let sums = parts * ((dimension + 15) / 16 * 16) * 4
    let block = try MemoryBlock(bytes: records + 2 * list + slots + sums, what: "sparse gradients")
    keep(block)
    var scratch = mtlc_sparse_scratch()
    scratch.records = block.base.assumingMemoryBound(to: mtlc_sparse_record.self)
    scratch.next = (block.base + records).assumingMemoryBound(to: Int32.self)
    scratch.heads = (block.base + records + list).assumingMemoryBound(to: Int32.self)
    scratch.slots = (block.base + records + 2 * list).assumingMemoryBound(to: Int32.self)
    scratch.sums = (block.base + records + 2 * list + slots).assumingMemoryBound(to: Float.self)
    return store.make(scratch)
  }
}

extension SparseOptimizer {
  /// MTLC_SPARSE_*.
  fileprivate var kernel: Int32 {
    switch kind {
    case .sgd: Int32(MTLC_SPARSE_SGD)
    case .lazyAdam: Int32(MTLC_SPARSE_ADAM)
    case .adagrad: Int32(MTLC_SPARSE_ADAGRAD)
    case .rowwiseAdagrad: Int32(MTLC_SPARSE_ROWWISE_ADAGRAD)
    case .ftrl: Int32(MTLC_SPARSE_FTRL)
    }
  }
}
