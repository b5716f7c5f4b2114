import Schema

/// Workers that are processes, by the MPI of the machine.
///
/// An error of a connection ends all processes: that is what MPI does by itself, and its mpirun tells which
/// process it was.
package final class MPITransport: Transport {
  /// As many bytes travel in one call at most: counts are ints, and a library copies what it sends.
  private static let piece = 1 << 30

  /// Larger than the status of any library (24 bytes at most).
  private static let statusBytes = 128

  package let rank: Int
  package let count: Int

  /// The file of the library.
  package var library: String { mpi.name }

  private let mpi: MPILibrary
  private let turn = Guarded(())

  /// Joins the processes of the mpirun that started this one. To be called once in a process.
  package init() throws(TransportError) {
    let environment = ProcessInfo.processInfo.environment
    let launcher = MPILauncher(environment: environment)
    let named = environment[MPILibrary.variable].flatMap { $0.isEmpty ? nil : [$0] }
    guard let launcher else { throw .notLaunched }
    mpi = try MPILibrary.open(named ?? launcher.libraries)
    var flag: CInt = 0
    try Self.check(mpi.isStarted(&flag), "MPI_Initialized")
    if flag == 0 {
      var level: CInt = 0
      try Self.check(mpi.start(nil, nil, mpi.interface.serialized, &level), "MPI_Init_thread")
    }
    var (rank, ranks): (CInt, CInt) = (0, 0)
    try Self.check(mpi.rank(mpi.interface.world, &rank), "MPI_Comm_rank")
    try Self.check(mpi.size(mpi.interface.world, &ranks), "MPI_Comm_size")
    (self.rank, self.count) = (Int(rank), Int(ranks))
    if let processes = launcher.processes, processes != count {
      throw .otherLauncher(
        launcher: launcher.name, processes: processes, library: mpi.name, ranks: count)
    }
  }

  package func finish() throws(TransportError) {
    try turn.withLock { (_: inout Void) throws(TransportError) in
      try Self.check(mpi.finalize(), "MPI_Finalize")
    }
  }

  package func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws(TransportError) {
    try sendReceive(
      bytes, to: rank, UnsafeMutableRawBufferPointer(start: nil, count: 0), from: rank)
  }

  package func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int
  ) throws(TransportError) {
    try sendReceive(UnsafeRawBufferPointer(start: nil, count: 0), to: rank, bytes, from: rank)
  }

  package func sendReceive(
    _ outgoing: UnsafeRawBufferPointer, to destination: Int,
    _ incoming: UnsafeMutableRawBufferPointer, from source: Int
  ) throws(TransportError) {
    try turn.withLock { (_: inout Void) throws(TransportError) in
      let (world, byte) = (mpi.interface.world, mpi.interface.byte)
      try withStatus { (status) throws(TransportError) in
        // Both ends cut a message alike, so that pieces meet.
        for at in stride(from: 0, to: max(outgoing.count, incoming.count), by: Self.piece) {
          let out = CInt(max(0, min(Self.piece, outgoing.count - at)))
          let into = CInt(max(0, min(Self.piece, incoming.count - at)))
          let from = outgoing.baseAddress.map { $0 + (out > 0 ? at : 0) }
          let to = incoming.baseAddress.map { $0 + (into > 0 ? at : 0) }
          if out > 0 && into > 0 {
            try Self.check(
              mpi.sendReceive(
                from, out, byte, CInt(destination), 0, to, into, byte, CInt(source), 0, world,
                status),
              "MPI_Sendrecv")
          } else if out > 0 {
            try Self.check(mpi.send(from, out, byte, CInt(destination), 0, world), "MPI_Send")
          } else {
            try Self.check(mpi.receive(to, into, byte, CInt(source), 0, world, status), "MPI_Recv")
          }
        }
      }
    }
  }

  package func broadcast(
    _ bytes: UnsafeMutableRawBufferPointer, from root: Int
  ) throws(TransportError) {
    try turn.withLock { (_: inout Void) throws(TransportError) in
      for at in stride(from: 0, to: bytes.count, by: Self.piece) {
        let count = CInt(min(Self.piece, bytes.count - at))
        try Self.check(
          mpi.broadcast(
            bytes.baseAddress.map { $0 + at }, count, mpi.interface.byte, CInt(root),
            mpi.interface.world),
          "MPI_Bcast")
      }
    }
  }

  package func allgather(
    _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]
  ) throws(TransportError) {
    let starts = Self.starts(counts)
    let total = starts.last ?? 0
    guard counts.count == count, counts[rank] == own.count, total <= all.count else {
      throw .mismatch("allgather of \(own.count) bytes into \(all.count) of \(counts)")
    }
    func part(_ other: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: all[starts[other]..<starts[other + 1]])
    }
    guard total <= Self.piece else {
      if UnsafeRawPointer(part(rank).baseAddress) != own.baseAddress {
        part(rank).copyMemory(from: own)
      }
      for root in 0..<count { try broadcast(part(root), from: root) }
      return
    }
    // The library wants what is sent and what is received to lie apart.
    let sent = UnsafeMutableRawBufferPointer.allocate(byteCount: own.count, alignment: 16)
    defer { sent.deallocate() }
    sent.copyMemory(from: own)
    let sizes = counts.map { CInt($0) }
    let places = starts.map { CInt($0) }
    try turn.withLock { (_: inout Void) throws(TransportError) in
      let (world, byte) = (mpi.interface.world, mpi.interface.byte)
      try Self.check(
        mpi.allgatherv(
          sent.baseAddress, sizes[rank], byte, all.baseAddress, sizes, places, byte, world),
        "MPI_Allgatherv")
    }
  }

  package func alltoallv(
    _ sent: UnsafeRawBufferPointer, counts: [Int],
    into received: UnsafeMutableRawBufferPointer, counts receivedCounts: [Int]
  ) throws(TransportError) {
    let (starts, places) = (Self.starts(counts), Self.starts(receivedCounts))
    guard counts.count == count, receivedCounts.count == count,
      starts[count] <= sent.count, places[count] <= received.count,
      counts[rank] == receivedCounts[rank]
    else { throw .mismatch("alltoallv of \(sent.count) bytes in \(counts)") }
    func part(_ other: Int) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: sent[starts[other]..<starts[other + 1]])
    }
    func room(_ other: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: received[places[other]..<places[other + 1]])
    }
    room(rank).copyMemory(from: part(rank))
    for step in 1..<max(1, count) {
      let (to, from) = ((rank + step) % count, (rank + count - step) % count)
      try sendReceive(part(to), to: to, room(from), from: from)
    }
  }

  /// Where each part starts, and where the last one ends.
  private static func starts(_ counts: [Int]) -> [Int] {
    counts.reduce(into: [0]) { starts, count in starts.append((starts.last ?? 0) + max(0, count)) }
  }

  package func barrier() throws(TransportError) {
    try turn.withLock { (_: inout Void) throws(TransportError) in
      try Self.check(mpi.barrier(mpi.interface.world), "MPI_Barrier")
    }
  }

  /// Ends all processes, this one too. The reason is for the caller to print before.
  package func fail(_ reason: String) { _ = mpi.abort(mpi.interface.world, 1) }

  private func withStatus(
    _ body: (UnsafeMutableRawPointer) throws(TransportError) -> Void
  ) throws(TransportError) {
    let status = UnsafeMutableRawPointer.allocate(byteCount: Self.statusBytes, alignment: 16)
    defer { status.deallocate() }
    try body(status)
  }

  private static func check(_ code: CInt, _ call: String) throws(TransportError) {
    guard code == 0 else { throw .failed(call: call, code: Int(code)) }
  }
}
