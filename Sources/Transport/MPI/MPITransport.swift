import Schema

/// Ranks that are processes, by the MPI of the machine.
///
/// An error of a connection ends all processes: that is what MPI does by itself, and its mpirun tells which
/// process it was.
package final class MPITransport: Transport {
  /// As many bytes travel in one call at most: counts are ints, and a library copies what it sends.
  private static let piece = 1 << 30

  /// Larger than the status of any library (24 bytes at most).
  private static let statusBytes = 128

  package let rank: Int
  package let ranks: Int

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
    (self.rank, self.ranks) = (Int(rank), Int(ranks))
    if let processes = launcher.processes, processes != self.ranks {
      throw .otherLauncher(
        launcher: launcher.name, processes: processes, library: mpi.name, ranks: self.ranks)
    }
  }

  /// Leaves the other processes, all of which have to call it. No other call may follow.
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

  package func allGather(
    _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer
  ) throws(TransportError) {
    guard all.count == own.count * ranks else {
      throw .unequal("\(own.count) bytes of \(ranks) ranks do not fill \(all.count)")
    }
    guard all.count <= Self.piece else {
      for root in 0..<ranks {
        let room = UnsafeMutableRawBufferPointer(
          rebasing: all[root * own.count..<(root + 1) * own.count])
        if root == rank { room.copyMemory(from: own) }
        try broadcast(room, from: root)
      }
      return
    }
    guard !own.isEmpty else { return }
    try turn.withLock { (_: inout Void) throws(TransportError) in
      let (world, byte) = (mpi.interface.world, mpi.interface.byte)
      let count = CInt(own.count)
      try Self.check(
        mpi.allGather(own.baseAddress, count, byte, all.baseAddress, count, byte, world),
        "MPI_Allgather")
    }
  }

  package func barrier() throws(TransportError) {
    try turn.withLock { (_: inout Void) throws(TransportError) in
      try Self.check(mpi.barrier(mpi.interface.world), "MPI_Barrier")
    }
  }

  /// Ends all processes, this one too. The reason is for the caller to print before.
  package func abort(_ reason: String) { _ = mpi.abort(mpi.interface.world, 1) }

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
