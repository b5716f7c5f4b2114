import CKernels

/// Adds up vectors of one size in a fixed binary tree, as they come: those of places 0 and 1, 2 and 3 …, then
/// the sums of neighbouring pairs. The places fix the bits, whoever computes what is at them; a place may be
/// empty. Of n vectors ⌈log₂ n⌉ sums are kept at a time.
final class GradientSums {
  private let count: Int
  private let runs: [Range<Int>]
  private let gradients: UnsafeMutablePointer<Float>
  /// By level what a finished subtree of 2^level places has come to.
  private let levels: [MemoryBlock]
  private var isFilled: [Bool]
  private let pool: ThreadPool?
  /// The arguments for each run, and what the threads are told.
  private let arguments: UnsafeMutablePointer<mtlc_gradient_sum_args>
  private let job: UnsafeMutablePointer<Job>

  private struct Job {
    var arguments: UnsafeMutablePointer<mtlc_gradient_sum_args>
    var runs: Int
    var threads: Int
    var core: ThreadPool.Core?
  }

  /// Floats from which on threads share the work.
  private static let worthSharing = 1 << 15

  /// - Parameters:
  ///   - count: Of the vectors, at least 1.
  ///   - gradients: A block of which the runs are the vector.
  /// - Throws: `LinkError` when the system has no room for the sums.
  init(
    _ count: Int, runs: [Range<Int>], of gradients: MemoryBlock, pool: ThreadPool?
  ) throws(LinkError) {
    self.count = count
    self.runs = runs
    self.gradients = gradients.base.assumingMemoryBound(to: Float.self)
    let floats = runs.reduce(0) { $0 + $1.count }
    var levels: [MemoryBlock] = []
    for level in 0..<Int.bitWidth - max(0, count - 1).leadingZeroBitCount {
      levels.append(try MemoryBlock(floats: floats, what: "sum of gradients \(level + 1)"))
    }
    self.levels = levels
    isFilled = levels.map { _ in false }
    self.pool = floats >= Self.worthSharing ? pool : nil
    arguments = .allocate(capacity: max(1, runs.count))
    arguments.initialize(repeating: mtlc_gradient_sum_args(), count: max(1, runs.count))
    job = .allocate(capacity: 1)
    job.initialize(
      to: Job(
        arguments: arguments, runs: runs.count, threads: self.pool?.count ?? 1,
        core: self.pool?.core))
  }

  deinit {
    arguments.deallocate()
    job.deallocate()
  }

  /// Takes the vector of a place, which the block holds, times a factor; places come one after the other, from 0.
  /// After the last one the block holds the sum.
  /// - Parameters:
  ///   - scale: nil for an empty place.
  ///   - source: Where the vector is, laid out as the block, where that does not hold it.
  func take(_ place: Int, scale: Float?, from source: UnsafePointer<Float>? = nil) {
    let isLast = place + 1 == count
    if place == 0 { for level in isFilled.indices { isFilled[level] = false } }
    // The subtrees that end with this place: all of them at the end.
    let ending = isLast ? levels.count : (~place).trailingZeroBitCount
    // An empty place leaves the first of them as it is.
    var leaf: Int?
    if scale == nil {
      leaf = isFilled.firstIndex(of: true).flatMap { $0 < ending ? $0 : nil }
      guard leaf != nil else { return }
    }
    var start = 0
    for (number, run) in runs.enumerated() {
      let own = gradients + run.lowerBound
      arguments[number].count = Int64(run.count)
      let vector = source.map { $0 + run.lowerBound } ?? UnsafePointer(own)
      arguments[number].x = leaf.map { UnsafePointer(sum($0, start)) } ?? vector
      arguments[number].scale = scale ?? 1
      arguments[number].out = isLast ? own : sum(ending, start)
      var terms = 0
      withUnsafeMutableBytes(of: &arguments[number].terms) { bytes in
        let pointers = bytes.assumingMemoryBound(to: UnsafePointer<Float>?.self)
        for level in 0..<ending where isFilled[level] && level != leaf {
          pointers[terms] = UnsafePointer(sum(level, start))
          terms += 1
        }
      }
      arguments[number].term_count = Int32(terms)
      start += run.count
    }
    for level in 0..<ending { isFilled[level] = false }
    if !isLast { isFilled[ending] = true }
    if let core = job.pointee.core {
      core.run(
        { context, thread in
          let job = context.assumingMemoryBound(to: Job.self)
          let (core, threads) = (job.pointee.core, job.pointee.threads)
          GradientSums.work(job, thread)
          core?.barrier(threads)
        }, context: UnsafeMutableRawPointer(job), threads: job.pointee.threads)
    } else {
      Self.work(job, 0)
    }
  }

  /// The elements from `start` on of the sum that a level keeps.
  private func sum(_ level: Int, _ start: Int) -> UnsafeMutablePointer<Float> {
    levels[level].base.assumingMemoryBound(to: Float.self) + start
  }

  /// A thread's share of the tiles of each run.
  private static func work(_ job: UnsafeMutablePointer<Job>, _ thread: Int) {
    let mode = mtlc_float_mode_flush()
    let threads = Int64(job.pointee.threads)
    for number in 0..<job.pointee.runs {
      let arguments = job.pointee.arguments + number
      let tiles = mtlc_gradient_sum_tiles(arguments)
      mtlc_gradient_sum_run(
        arguments, tiles * Int64(thread) / threads, tiles * Int64(thread + 1) / threads)
    }
    mtlc_float_mode_restore(mode)
  }
}
