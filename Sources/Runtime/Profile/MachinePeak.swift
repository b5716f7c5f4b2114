import CKernels

/// What the machine can do at best, measured: fused multiply-adds in registers.
public enum MachinePeak {
  /// Floating-point operations a second of `threads` threads together, the best of several tries
  /// of about `milliseconds` each.
  public static func flopsPerSecond(threads: Int, milliseconds: Double = 1, tries: Int = 40)
    -> Double
  {
    let pool = ThreadPool(count: max(1, threads))
    let board = UnsafeMutablePointer<Board>.allocate(capacity: 1)
    defer { board.deallocate() }
    // Long enough for the clock: doubled until a try takes the time asked for.
    var iterations: Int64 = 1 << 12
    var best = 0.0
    var done = 0
    while done < max(1, tries) {
      board.initialize(
        to: Board(core: pool.core, threads: pool.count, iterations: iterations, flops: 0))
      let start = Platform.nanoseconds()
      pool.core.run(
        { context, thread in
          let board = context.assumingMemoryBound(to: Board.self)
          var sink: Float = 0
          let flops = mtlc_fma_peak_run(board.pointee.iterations, &sink)
          if thread == 0 { board.pointee.flops = flops }
          board.pointee.core.barrier(board.pointee.threads)
        }, context: UnsafeMutableRawPointer(board), threads: pool.count)
      let nanoseconds = Double(max(1, Platform.nanoseconds() - start))
      if nanoseconds < milliseconds * 1e6, iterations < 1 << 40 {
        iterations *= 2
        continue
      }
      best = max(best, Double(board.pointee.flops) * Double(pool.count) / nanoseconds * 1e9)
      done += 1
    }
    return best
  }

  private struct Board {
    var core: ThreadPool.Core
    var threads: Int
    var iterations: Int64
    var flops: Int64
  }
}
