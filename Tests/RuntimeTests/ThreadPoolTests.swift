import Runtime
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
  /// What the threads of the tests below share.
  private struct Board: ~Copyable {
    let arrived = Atomic<Int>(0)
    let wrong = Atomic<Int>(0)
    let core: ThreadPool.Core
    let threads: Int
    let rounds: Int
  }

  @Test(arguments: [1, 2, 4]) func everyThreadPassesEveryBarrierTogether(threads: Int) {
    let pool = ThreadPool(count: threads)
    #expect(pool.count == threads)
    let board = UnsafeMutablePointer<Board>.allocate(capacity: 1)
    board.initialize(to: Board(core: pool.core, threads: threads, rounds: 50))
    for _ in 0..<10 {
      pool.core.run(
        { context, _ in
          let board = context.assumingMemoryBound(to: Board.self)
          let threads = board.pointee.threads
          for round in 1...board.pointee.rounds {
            board.pointee.arrived.add(1, ordering: .relaxed)
            board.pointee.core.barrier(threads)
            if board.pointee.arrived.load(ordering: .relaxed) != round * threads {
              board.pointee.wrong.add(1, ordering: .relaxed)
            }
            board.pointee.core.barrier(threads)
          }
          board.pointee.core.barrier(threads)
        }, context: UnsafeMutableRawPointer(board), threads: threads)
      let total = board.pointee.arrived.exchange(0, ordering: .relaxed)
      #expect(total == 50 * threads)
    }
    #expect(board.pointee.wrong.load(ordering: .relaxed) == 0)
    board.deinitialize(count: 1)
    board.deallocate()
  }

  @Test func jobsMayUseFewerThreads() {
    let pool = ThreadPool(count: 3)
    let board = UnsafeMutablePointer<Board>.allocate(capacity: 1)
    board.initialize(to: Board(core: pool.core, threads: 2, rounds: 1))
    for job in 0..<500 {
      pool.core.run(
        { context, thread in
          let board = context.assumingMemoryBound(to: Board.self)
          board.pointee.arrived.add(1, ordering: .relaxed)
          if thread > 1 { board.pointee.wrong.add(1, ordering: .relaxed) }
          board.pointee.core.barrier(2)
        }, context: UnsafeMutableRawPointer(board), threads: 2)
      #expect(board.pointee.arrived.load(ordering: .relaxed) == 2 * (job + 1))
    }
    #expect(board.pointee.wrong.load(ordering: .relaxed) == 0)
    board.deinitialize(count: 1)
    board.deallocate()
  }
}
