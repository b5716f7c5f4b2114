import AllocationCounter
import Plan
import Runtime
import Schema
import Testing

/// Steps allocate nothing, on the caller's thread and on the pool's.
@Suite(.serialized) struct AllocationTests {
  private func watchWorkers(_ pool: ThreadPool) {
    var core = pool.core
    withUnsafeMutablePointer(to: &core) { core in
      pool.core.run(
        { context, _ in
          allocation_watch(1)
          context.assumingMemoryBound(to: ThreadPool.Core.self).pointee.barrier(2)
        }, context: UnsafeMutableRawPointer(core), threads: 2)
    }
  }

  @Test func counterCounts() {
    guard allocation_count() >= 0 else { return }
    allocation_watch(1)
    defer { allocation_watch(0) }
    let before = allocation_count()
    let blocks = (0..<100).map {
      UnsafeMutableRawPointer.allocate(byteCount: 64 + $0, alignment: 8)
    }
    #expect(allocation_count() >= before + 100)
    for block in blocks { block.deallocate() }
  }

  @Test(arguments: [1, 2]) func stepsAllocateNothing(threads: Int) throws {
    guard allocation_count() >= 0 else { return }
    let session = try Session(
      plan: SessionTests.linear(
        inputs: 60, outputs: 50, capacity: 64,
        optimizer: Optimizer(kind: .adam, learningRate: 0.001)), threads: threads)
    session.adaptsThreads = false
    session.initialize(seed: 1)
    let loss = try session.fetch("loss", .train)
    allocation_watch(1)
    defer { allocation_watch(0) }
    if let pool = session.pool { watchWorkers(pool) }
    var sum: Float = 0
    try session.run(.train, rows: 64)
    let before = allocation_count()
    for k in 0..<200 {
      try session.run(.train, rows: k % 10 == 9 ? 31 : 64)
      sum += loss.scalar
    }
    let after = allocation_count()
    // An unoptimised build keeps generic values on the heap.
    #if !DEBUG
      #expect(after == before)
    #endif
    #expect(after >= before)
    #expect(sum.isFinite)
  }

  /// Steps that are measured, and the new cut after them.
  @Test func calibrationAllocatesNothing() throws {
    guard allocation_count() >= 0 else { return }
    let session = try Session(plan: CalibrationTests.plan(), threads: 2)
    session.initialize(seed: 1)
    allocation_watch(1)
    defer { allocation_watch(0) }
    if let pool = session.pool { watchWorkers(pool) }
    try session.run(.train, rows: 400)
    let before = allocation_count()
    for _ in 0..<30 { try session.run(.train, rows: 400) }
    let after = allocation_count()
    #if !DEBUG
      #expect(after == before)
    #endif
    #expect(after >= before)
  }
}
