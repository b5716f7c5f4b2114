import CKernels
import Plan
import Schema

extension Linker {
  /// Occurrences of ids from which sorting tables one after the other is faster: what one step of it
  /// leaves in the cache is there for the next.
  private static var nearOccurrences: Int { 6_000 }

  mutating func link(_ i: SparseUpdateInstruction) throws(LinkError) {
    guard let rule = shared.optimizer.sparse else {
      throw fault("the plan has no sparse optimizer")
    }
    let call: SparseCall
    if let sorted = sparseCalls.removeValue(forKey: index) {
      call = sorted
    } else {
      call = try sortIds(i, rule)
    }
    let each = rule.stepNanoseconds(Int(call.arguments.pointee.dim))
    add(sparseUpdateKernel, call.arguments, share: call.share, nanoseconds: call.cost(each))
  }

  /// Sorts and groups the ids of the table at hand, and of further tables of the level as long as they
  /// have few: all threads wait for each other after both.
  private mutating func sortIds(
    _ update: SparseUpdateInstruction, _ rule: SparseOptimizer
  ) throws(LinkError) -> SparseCall {
    let first = index
    defer { index = first }
    let call = try sparseCall(update, rule)
    var chosen = [(index: first, call: call)]
    var occurrences = call.occurrences(program.batchCapacity)
    for next in first + 1..<levelEnd where occurrences < Self.nearOccurrences {
      guard case .sparseUpdate(let update) = program.instructions[next] else { continue }
      index = next
      let call = try sparseCall(update, rule)
      occurrences += call.occurrences(program.batchCapacity)
      sparseCalls[next] = call
      chosen.append((next, call))
    }
    for (kernel, each) in [(sparseRouteKernel, 4), (sparseGroupKernel, 3.5)] {
      for (next, call) in chosen {
        index = next
        add(kernel, call.arguments, share: call.share, nanoseconds: call.cost(each))
      }
      meet()
    }
    return call
  }

  private mutating func sparseCall(
    _ i: SparseUpdateInstruction, _ rule: SparseOptimizer
  ) throws(LinkError) -> SparseCall {
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
      entry.pooling = source.pooling.kernelConstant
      if let view = source.ids {
        let ids = try ids(view, "ids \(k)")
        try check(ids.rows, gradient.rows, "ids \(k), rows")
        entry.ids = UnsafePointer(ids.pointer)
        entry.ld_ids = Int64(ids.stride)
        entry.length = Int64(ids.length)
      } else if gradient.rows != table.rows {
        throw fault("source \(k): \(gradient.rows) rows for a table of \(rows)")
      }
      let width = source.pooling == .concat ? Int(entry.length).times(dimension) : dimension
      guard gradient.columns == .fixed(width), entry.length <= Int(UInt16.max) else {
        throw fault("source \(k): \(gradient.columns) columns, \(width) expected")
      }
      occurrences = occurrences.plus(size(gradient.rows).times(Int(entry.length)))
      sources.append(entry)
      extents.append(gradient.rows)
    }
    guard occurrences <= Int(Int32.max) / 8 else {
      throw fault("\(occurrences) occurrences of ids")
    }
    let starts = sources.compactMap { $0.d_out }
    if let low = starts.min(), let high = starts.max() {
      let last = zip(sources, extents).map { size($1) * Int($0.ld_d_out) }.max() ?? 0
      guard high - low <= Int(UInt32.max) - last else {
        throw fault("its gradients lie too far apart")
      }
    }
    let place = store.make(sources)
    for (k, extent) in extents.enumerated() {
      bind((place + k).pointer(to: \.rows), extent)
    }
    var args = mtlc_sparse_args()
    args.kind = rule.kind.kernelConstant
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
    let sharedTable = sharedTable(of: i)
    args.scratch = try scratch(
      occurrences, takesMeans: i.sources.contains { $0.pooling == .mean }, ofTable: sharedTable)
    let pointer = store.make(args)
    let share = sharedTable.flatMap { shared.workerShares[$0] }.map { UnsafePointer($0) }
    let sizes = zip(sources, extents).map { (length: Int($0.length), rows: $1) }
    return SparseCall(arguments: pointer, share: share) { rows in
      sizes.reduce(0) { $0 + $1.length * $1.rows.size(rows: rows) }
    }
  }

  /// The offset of a table that workers of one machine may come to update together.
  private func sharedTable(of i: SparseUpdateInstruction) -> Int? {
    // Occurrences say where their gradients are from the first source on, which holds for all workers where these
    // lie in memory that they have in common.
    guard program.kind == .update,
      i.sources.allSatisfy({ program[$0.matrix.buffer].space == .feeds })
    else { return nil }
    let offset = program[i.table.buffer].offset + i.table.offset
    return shared.workerShares[offset] == nil ? nil : offset
  }

  /// Pages that no step touches stay unbacked.
  private mutating func scratch(
    _ occurrences: Int, takesMeans: Bool, ofTable table: Int?
  ) throws(LinkError) -> UnsafeMutablePointer<mtlc_sparse_scratch> {
    let each = 4 * occurrences
    let records = occurrences * MemoryLayout<mtlc_sparse_record>.stride
    let scales = takesMeans ? each : 0
    let starts = Int(MTLC_SPARSE_CHUNKS) * (Int(MTLC_SPARSE_MOST_PARTS) + 1) * 4
    // Of the slots, 8 for each occurrence, only as many are used as a large part has.
    let addends = occurrences * 3 / 2 * MemoryLayout<mtlc_sparse_addend>.stride
    let sizes = [records, each, scales, starts, addends, 8 * each, each]
    let block = try MemoryBlock(
      bytes: sizes.reduce(0) { $0 + ($1 + 63) & ~63 }, what: "sparse gradients",
      hasPages: program.kind == .update)
    keep(block, ofTable: table)
    var place = block.base
    func part<Element>(_ bytes: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
      defer { place += (bytes + 63) & ~63 }
      return place.assumingMemoryBound(to: type)
    }
    var scratch = mtlc_sparse_scratch()
    scratch.records = part(records, of: mtlc_sparse_record.self)
    scratch.links = part(each, of: Int32.self)
    let all = part(scales, of: Float.self)
    scratch.scales = takesMeans ? all : nil
    scratch.starts = part(starts, of: Int32.self)
    scratch.addends = part(addends, of: mtlc_sparse_addend.self)
    scratch.slots = part(8 * each, of: Int32.self)
    scratch.several = part(each, of: Int32.self)
    return store.make(scratch)
  }
}

/// The update of a table, which takes three calls.
struct SparseCall {
  var arguments: UnsafeMutablePointer<mtlc_sparse_args>
  /// The part of the table's update that this worker runs; nil for all of it.
  var share: UnsafePointer<WorkerShare>?
  /// Occurrences of ids by the rows of the batch.
  var occurrences: (Int) -> Int

  /// Nanoseconds on one core: so many for each occurrence.
  func cost(_ each: Double) -> (Int) -> Double {
    { rows in 30 + each * Double(occurrences(rows)) }
  }
}

extension SparseOptimizer {
  /// About what the step of a row takes on one core: mostly the wait for its lines.
  fileprivate func stepNanoseconds(_ dimension: Int) -> Double {
    let lines = Double((dimension + 15) / 16)
    let states = kind == .rowwiseAdagrad ? 1 : lines * Double(stateCount)
    return 4 + 6 * (lines + states)
  }
}

private let sparseRouteKernel = KernelFamily<mtlc_sparse_args>(
  { mtlc_sparse_route_tiles($0.typed()) }, { mtlc_sparse_route_run($0.typed(), $1, $2) })
private let sparseGroupKernel = KernelFamily<mtlc_sparse_args>(
  { mtlc_sparse_group_tiles($0.typed()) }, { mtlc_sparse_group_run($0.typed(), $1, $2) })
private let sparseUpdateKernel = KernelFamily<mtlc_sparse_args>(
  { mtlc_sparse_update_tiles($0.typed()) }, { mtlc_sparse_update_run($0.typed(), $1, $2) })
