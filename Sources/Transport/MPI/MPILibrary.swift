import Schema

/// An MPI library of the system, opened while the program runs, so that nothing is linked and nothing has to
/// be there where it is not used.
///
/// Handles and ints are passed as whole registers, which is what the calling conventions of Linux give
/// a C function that reads an int. `MPI_Sendrecv`, whose later arguments lie in memory, is declared once for each.
struct MPILibrary: @unchecked Sendable {
  /// The variable of the environment that names a library to use.
  static let variable = "MTLC_MPI_LIBRARY"

  let name: String
  let interface: MPIInterface
  private let library: UnsafeMutableRawPointer

  typealias Flag = @convention(c) (UnsafeMutablePointer<CInt>) -> CInt
  typealias Start =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, CInt, UnsafeMutablePointer<CInt>
    ) -> CInt
  typealias Plain = @convention(c) () -> CInt
  typealias Number = @convention(c) (Int, UnsafeMutablePointer<CInt>) -> CInt
  typealias Send = @convention(c) (UnsafeRawPointer?, CInt, Int, CInt, CInt, Int) -> CInt
  typealias Receive =
    @convention(c) (
      UnsafeMutableRawPointer?, CInt, Int, CInt, CInt, Int, UnsafeMutableRawPointer
    ) -> CInt
  typealias SendReceive<Handle> =
    (
      UnsafeRawPointer?, CInt, Handle, CInt, CInt, UnsafeMutableRawPointer?, CInt, Handle, CInt,
      CInt,
      Handle, UnsafeMutableRawPointer
    ) -> CInt
  private typealias SendReceiveByInts =
    @convention(c) (
      UnsafeRawPointer?, CInt, CInt, CInt, CInt, UnsafeMutableRawPointer?, CInt, CInt, CInt, CInt,
      CInt, UnsafeMutableRawPointer
    ) -> CInt
  private typealias SendReceiveByAddresses =
    @convention(c) (
      UnsafeRawPointer?, CInt, Int, CInt, CInt, UnsafeMutableRawPointer?, CInt, Int, CInt, CInt,
      Int, UnsafeMutableRawPointer
    ) -> CInt
  typealias Broadcast = @convention(c) (UnsafeMutableRawPointer?, CInt, Int, CInt, Int) -> CInt
  typealias Allgatherv =
    @convention(c) (
      UnsafeRawPointer?, CInt, Int, UnsafeMutableRawPointer?, UnsafePointer<CInt>,
      UnsafePointer<CInt>, Int, Int
    ) -> CInt
  typealias OfWorld = @convention(c) (Int) -> CInt
  typealias Abort = @convention(c) (Int, CInt) -> CInt

  let start: Start
  let finalize: Plain
  let isStarted: Flag
  let rank: Number
  let size: Number
  let send: Send
  let receive: Receive
  let sendReceive: SendReceive<Int>
  let broadcast: Broadcast
  let allgatherv: Allgatherv
  let barrier: OfWorld
  let abort: Abort

  /// The first of some libraries that can be opened.
  static func open(_ names: [String]) throws(TransportError) -> MPILibrary {
    var reason = ""
    for name in names {
      // Open MPI's components look for its symbols among the global ones.
      if let library = dlopen(name, RTLD_NOW | RTLD_GLOBAL) {
        return try MPILibrary(library, name: name)
      }
      reason = dlerror().map { String(cString: $0) } ?? "unknown"
    }
    throw .noLibrary(tried: names, reason: reason)
  }

  private init(_ library: UnsafeMutableRawPointer, name: String) throws(TransportError) {
    self.library = library
    self.name = name
    interface = MPIInterface(library: library, name: name)
    func function<F>(_ symbol: String, _ type: F.Type) throws(TransportError) -> F {
      guard let address = dlsym(library, symbol) else {
        throw .noFunction(symbol, library: name)
      }
      return unsafeBitCast(address, to: type)
    }
    start = try function("MPI_Init_thread", Start.self)
    finalize = try function("MPI_Finalize", Plain.self)
    isStarted = try function("MPI_Initialized", Flag.self)
    rank = try function("MPI_Comm_rank", Number.self)
    size = try function("MPI_Comm_size", Number.self)
    send = try function("MPI_Send", Send.self)
    receive = try function("MPI_Recv", Receive.self)
    broadcast = try function("MPI_Bcast", Broadcast.self)
    allgatherv = try function("MPI_Allgatherv", Allgatherv.self)
    barrier = try function("MPI_Barrier", OfWorld.self)
    abort = try function("MPI_Abort", Abort.self)
    if interface == .mpich {
      let call = try function("MPI_Sendrecv", SendReceiveByInts.self)
      sendReceive = {
        call(
          $0, $1, CInt(truncatingIfNeeded: $2), $3, $4, $5, $6, CInt(truncatingIfNeeded: $7), $8,
          $9,
          CInt(truncatingIfNeeded: $10), $11)
      }
    } else {
      let call = try function("MPI_Sendrecv", SendReceiveByAddresses.self)
      sendReceive = { call($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) }
    }
  }
}
