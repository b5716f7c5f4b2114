import Synchronization

/// Runs tasks side by side: whichever thread is free takes the next one. What a task gives must not
/// depend on the thread.
final class TaskTeam {
  private let pool: ThreadPool?
  let threads: Int

  init(threads: Int) {
    pool = threads > 1 ? ThreadPool(count: threads) : nil
    self.threads = pool?.count ?? 1
  }

  private final class Job {
    let count: Int
    let core: ThreadPool.Core
    let threads: Int
    let body: (_ thread: Int, _ task: Int) throws -> Void
    let next = Atomic<Int>(0)
    var errors: [(any Error)?]

    init(
      count: Int, core: ThreadPool.Core, threads: Int, body: @escaping (Int, Int) throws -> Void
    ) {
      self.count = count
      self.core = core
      self.threads = threads
      self.body = body
      errors = [(any Error)?](repeating: nil, count: threads)
    }

    func work(_ thread: Int) {
      while true {
        let task = next.add(1, ordering: .relaxed).oldValue
        guard task < count else { return }
        do {
          try body(thread, task)
        } catch {
          errors.withUnsafeMutableBufferPointer { $0[thread] = error }
          return
        }
      }
    }
  }

  /// Calls `body` for each task from 0 to `count` − 1, on any thread.
  /// - Throws: What one of the calls threw; the others may not have run then.
  func run(_ count: Int, _ body: @escaping (_ thread: Int, _ task: Int) throws -> Void) throws {
    guard let pool else {
      for task in 0..<count { try body(0, task) }
      return
    }
    let job = Job(count: count, core: pool.core, threads: threads, body: body)
    pool.core.run(
      { context, thread in
        let job = Unmanaged<Job>.fromOpaque(context).takeUnretainedValue()
        let (core, threads) = (job.core, job.threads)
        job.work(thread)
        core.barrier(threads)
      }, context: Unmanaged.passUnretained(job).toOpaque(), threads: threads)
    if let error = job.errors.compactMap({ $0 }).first { throw error }
  }
}
