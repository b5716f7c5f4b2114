import Plan

/// Copies gradients of looked up rows, times a factor, from where the training program leaves those of a micro-batch
/// to their rows of the batch; threads share the rows.
final class RowGradientCopies {
  /// One matrix of them.
  private struct Matrix {
    var from: UnsafePointer<Float>
    var stride: Int
    var step: Int
    var to: UnsafeMutablePointer<Float>
    var width: Int
  }

  /// What the threads are told.
  private struct Job {
    var matrices: UnsafeMutablePointer<Matrix>
    var count: Int
    var first: Int
    var rows: Int
    var scale: Float
    var threads: Int
    var core: ThreadPool.Core?
  }

  private let matrices: UnsafeMutablePointer<Matrix>
  private let job: UnsafeMutablePointer<Job>
  /// Floats of a row of all matrices.
  private let width: Int

  /// Floats from which on threads share the work.
  private static let worthSharing = 1 << 15

  /// - Parameter rows: From each fetch of the training program to a feed of the update.
  init(_ rows: [(from: FetchView, to: FeedBlock)], pool: ThreadPool?) {
    matrices = .allocate(capacity: max(1, rows.count))
    for (number, (from, to)) in rows.enumerated() {
      (matrices + number).initialize(
        to: Matrix(
          from: from.base, stride: from.strides[0], step: from.strides[1],
          to: to.base.assumingMemoryBound(to: Float.self), width: to.width))
    }
    width = rows.reduce(0) { $0 + $1.to.width }
    job = .allocate(capacity: 1)
    job.initialize(
      to: Job(
        matrices: matrices, count: rows.count, first: 0, rows: 0, scale: 1,
        threads: pool?.count ?? 1, core: pool?.core))
  }

  deinit {
    matrices.deallocate()
    job.deinitialize(count: 1)
    job.deallocate()
  }

  /// Copies the rows of a micro-batch to a range of the batch.
  func copy(to range: Range<Int>, times scale: Float) {
    (job.pointee.first, job.pointee.rows) = (range.lowerBound, range.count)
    job.pointee.scale = scale
    guard let core = job.pointee.core, range.count * width >= Self.worthSharing else {
      return Self.work(job, 0, of: 1)
    }
    core.run(
      { context, thread in
        let job = context.assumingMemoryBound(to: Job.self)
        let (core, threads) = (job.pointee.core, job.pointee.threads)
        RowGradientCopies.work(job, thread, of: threads)
        core?.barrier(threads)
      }, context: UnsafeMutableRawPointer(job), threads: job.pointee.threads)
  }

  /// A thread's share of the rows of each matrix.
  private static func work(_ job: UnsafeMutablePointer<Job>, _ thread: Int, of threads: Int) {
    let (rows, scale) = (job.pointee.rows, job.pointee.scale)
    let share = rows * thread / threads..<rows * (thread + 1) / threads
    for number in 0..<job.pointee.count {
      let matrix = job.pointee.matrices[number]
      var source = matrix.from + share.lowerBound * matrix.stride
      var target = matrix.to + (job.pointee.first + share.lowerBound) * matrix.width
      for _ in share {
        if matrix.step == 1 {
          for column in 0..<matrix.width { target[column] = source[column] * scale }
        } else {
          for column in 0..<matrix.width { target[column] = source[column * matrix.step] * scale }
        }
        source += matrix.stride
        target += matrix.width
      }
    }
  }
}
