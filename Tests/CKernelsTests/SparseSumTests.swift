import CKernels
import Testing

/// Sums of many gradients for one row, against double: off by no more than float rounding of a sum.
@Suite("Sparse updates of ids that come often")
struct SparseSumTests {
  private static let dimension = 12
  private static let tableRows = 1000

  private struct Source {
    var ids: [Int32]
    var gradients: [Float]
    var length: Int
    var pooling: mtlc_pooling
    var isNumbered = false
  }

  private struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    /// In [-1, 1], of sizes that differ.
    mutating func gradient() -> Float {
      let unit = Float(Int32(truncatingIfNeeded: next() >> 16)) / 2_147_483_648
      return unit * Float(1 << Int(next() >> 20 & 15)) / 32_768
    }
    /// Half of all ids are one of a few; some are padding or beyond the table.
    mutating func id() -> Int32 {
      let place = next() >> 24
      switch place & 15 {
      case 0...7: return Int32(place >> 8 & 3)
      case 8: return -1
      case 9: return 5000
      default: return Int32((place >> 8) % UInt64(SparseSumTests.tableRows))
      }
    }
  }

  /// The table, all zeros, after a step of SGD at rate 1: minus the sums. Run with the last tiles
  /// first, in `pieces` calls. The sources have matrices of their own, or are columns of one.
  private func step(
    _ sources: [Source], rows: Int, pieces: Int64, sharesMatrices: Bool
  ) -> [Float] {
    let dimension = Self.dimension
    var table = [Float](repeating: 0, count: Self.tableRows * dimension)
    let capacity = sources.reduce(0) { $0 + $1.ids.count }
    func room<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
      .allocate(capacity: count)
    }
    var scratch = mtlc_sparse_scratch()
    scratch.records = room(mtlc_sparse_record.self, capacity)
    scratch.links = room(Int32.self, capacity)
    scratch.addends = room(mtlc_sparse_addend.self, capacity * 3 / 2)
    scratch.scales = room(Float.self, capacity)
    scratch.starts = room(
      Int32.self, Int(MTLC_SPARSE_CHUNKS) * (Int(MTLC_SPARSE_MOST_PARTS) + 1))
    scratch.slots = room(Int32.self, 8 * capacity)
    scratch.several = room(Int32.self, capacity)
    // One block of memory for all gradients, since their places count from the lowest.
    let gradients = room(Float.self, sources.reduce(0) { $0 + $1.gradients.count })
    let ids = room(Int32.self, capacity)
    defer {
      scratch.records.deallocate()
      scratch.links.deallocate()
      scratch.addends.deallocate()
      scratch.scales.deallocate()
      scratch.starts.deallocate()
      scratch.slots.deallocate()
      scratch.several.deallocate()
      gradients.deallocate()
      ids.deallocate()
    }
    var entries: [mtlc_sparse_source] = []
    let allIDs = sources.reduce(0) { $0 + $1.length }
    let allColumns = sources.reduce(0) { $0 + $1.gradients.count / rows }
    var (gradient, id) = (gradients, ids)
    for source in sources {
      let columns = source.gradients.count / rows
      let (idStride, stride) =
        sharesMatrices ? (allIDs, allColumns) : (source.length, columns)
      for row in 0..<rows {
        for l in 0..<source.length { id[row * idStride + l] = source.ids[row * source.length + l] }
        for j in 0..<columns { gradient[row * stride + j] = source.gradients[row * columns + j] }
      }
      var entry = mtlc_sparse_source()
      entry.rows = Int64(rows)
      // Without ids, each row has its own number as its id.
      if !source.isNumbered { (entry.ids, entry.ld_ids) = (UnsafePointer(id), Int64(idStride)) }
      entry.length = Int64(source.length)
      (entry.d_out, entry.ld_d_out) = (UnsafePointer(gradient), Int64(stride))
      entry.pooling = source.pooling
      entries.append(entry)
      gradient += sharesMatrices ? columns : source.gradients.count
      id += sharesMatrices ? source.length : source.ids.count
    }
    var hyper = mtlc_optimizer_hyper()
    (hyper.learning_rate, hyper.gradient_scale) = (1, 1)
    table.withUnsafeMutableBufferPointer { table in
      entries.withUnsafeBufferPointer { entries in
        withUnsafeMutablePointer(to: &scratch) { scratch in
          withUnsafePointer(to: &hyper) { hyper in
            var args = mtlc_sparse_args()
            args.kind = MTLC_SPARSE_SGD
            (args.source_count, args.sources) = (Int64(entries.count), entries.baseAddress)
            (args.table, args.state1, args.state2) = (
              table.baseAddress, table.baseAddress, table.baseAddress
            )
            args.table_rows = Int64(Self.tableRows)
            (args.dim, args.ld_table) = (Int64(dimension), Int64(dimension))
            (args.hyper, args.scratch) = (hyper, scratch)
            func run(
              _ tiles: Int64, _ kernel: (UnsafePointer<mtlc_sparse_args>, Int64, Int64) -> Void
            ) {
              for piece in (0..<pieces).reversed() {
                kernel(&args, tiles * piece / pieces, tiles * (piece + 1) / pieces)
              }
            }
            run(mtlc_sparse_route_tiles(&args)) { mtlc_sparse_route_run($0, $1, $2) }
            run(mtlc_sparse_group_tiles(&args)) { mtlc_sparse_group_run($0, $1, $2) }
            run(mtlc_sparse_update_tiles(&args)) { mtlc_sparse_update_run($0, $1, $2) }
          }
        }
      }
    }
    return table
  }

  /// The sums of a table's rows and of their terms' sizes, in double.
  private func expected(_ sources: [Source], rows: Int) -> (sums: [Double], sizes: [Double]) {
    var sums = [Double](repeating: 0, count: Self.tableRows * Self.dimension)
    var sizes = sums
    for source in sources {
      let width = source.gradients.count / rows
      for row in 0..<rows {
        let ids = source.ids[row * source.length..<(row + 1) * source.length]
        let present = ids.count { $0 >= 0 }
        let scale = source.pooling == MTLC_POOLING_MEAN && present > 1 ? 1 / Double(present) : 1
        for (place, id) in ids.enumerated() where id >= 0 {
          let target = (Int(id) < Self.tableRows ? Int(id) : 0) * Self.dimension
          let from = source.pooling == MTLC_POOLING_CONCAT ? place * Self.dimension : 0
          for j in 0..<Self.dimension {
            let term = scale * Double(source.gradients[row * width + from + j])
            sums[target + j] += term
            sizes[target + j] += abs(term)
          }
        }
      }
    }
    return (sums, sizes)
  }

  private typealias Kind = (length: Int, pooling: mtlc_pooling)

  private func makeSource(_ kind: Kind, rows: Int, _ random: inout Random) -> Source {
    let width = Self.dimension * (kind.pooling == MTLC_POOLING_CONCAT ? kind.length : 1)
    return Source(
      ids: (0..<rows * kind.length).map { _ in random.id() },
      gradients: (0..<rows * width).map { _ in random.gradient() }, length: kind.length,
      pooling: kind.pooling)
  }

  private static let sums = MTLC_POOLING_SUM
  private static let means = MTLC_POOLING_MEAN
  private static let concatenations = MTLC_POOLING_CONCAT

  @Test(arguments: kernelVariants, [1, 40, 1500])
  func errorsAreThoseOfRounding(variant: String, rows: Int) {
    let kinds: [Kind] = [(3, Self.sums), (1, Self.sums), (4, Self.means), (2, Self.concatenations)]
    check(variant, kinds, rows: rows)
  }

  /// Without means there are no scales.
  @Test(arguments: kernelVariants, [40, 1000])
  func sumsNeedNoScales(variant: String, rows: Int) {
    check(variant, [(3, Self.sums), (3, Self.sums), (2, Self.concatenations)], rows: rows)
    check(variant, [(5, Self.sums), (1, Self.sums)], rows: rows, numbersLast: true)
  }

  /// More ids in a row, and in the rows of several sources, than are looked at together. An id comes
  /// hundreds of times in such a row, and adding the same number again rounds the same way.
  @Test(arguments: kernelVariants)
  func rowsMayBeLong(variant: String) {
    let bound = 1e-4
    check(variant, [(2100, Self.sums)], rows: 9, bound: bound)
    check(variant, [(600, Self.sums), (700, Self.means), (1, Self.sums)], rows: 5, bound: bound)
    check(
      variant, [(1, Self.sums), (1500, Self.concatenations), (7, Self.sums)], rows: 3, bound: bound)
  }

  private func check(
    _ variant: String, _ kinds: [Kind], rows: Int, numbersLast: Bool = false, bound: Double = 2e-6,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(mtlc_kernels_force_isa(variant) == 0)
    defer { mtlc_kernels_force_isa(nil) }
    var random = Random(state: 0x9E37_79B9_7F4A_7C15)
    var sources = kinds.map { makeSource($0, rows: rows, &random) }
    if numbersLast {
      sources[kinds.count - 1].isNumbered = true
      sources[kinds.count - 1].ids = (0..<Int32(rows)).map { $0 }
    }
    let (sums, sizes) = expected(sources, rows: rows)
    for sharesMatrices in [false, true] {
      func found(_ pieces: Int64) -> [Float] {
        step(sources, rows: rows, pieces: pieces, sharesMatrices: sharesMatrices)
      }
      let whole = found(1)
      for pieces: Int64 in [2, 3, 7] {
        #expect(found(pieces) == whole, "\(pieces) pieces", sourceLocation: sourceLocation)
      }
      // A sum of n floats one after the other is off by at most n units of 2⁻²⁴ of Σ|g|, and mostly
      // by some √n: ids here come up to 3,000 times.
      var worst = 0.0
      for k in whole.indices {
        if sizes[k] == 0 {
          #expect(whole[k] == 0, sourceLocation: sourceLocation)
        } else {
          worst = max(worst, abs(Double(whole[k]) + sums[k]) / sizes[k])
        }
      }
      #expect(worst < bound, "\(variant): \(worst)", sourceLocation: sourceLocation)
    }
  }
}
