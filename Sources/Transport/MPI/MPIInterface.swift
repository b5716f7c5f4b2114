import Schema

/// The binary interface of an MPI library: what its handles are. Bytes that travel between all processes
/// need two of them.
enum MPIInterface: Hashable {
  /// That of the standard, MPI 5.0, chapter 20: handles are small numbers.
  case standard

  /// That of MPICH 3.1 and later and of what shares it (Intel MPI, MVAPICH, Cray MPICH): handles are ints.
  case mpich

  /// That of Open MPI: handles are addresses of the library's objects.
  case openMPI(world: Int, byte: Int)

  /// MPI_COMM_WORLD.
  var world: Int {
    switch self {
    case .standard: 0x101
    case .mpich: 0x4400_0000
    case .openMPI(let world, _): world
    }
  }

  /// MPI_BYTE.
  var byte: Int {
    switch self {
    case .standard: 0x247
    case .mpich: 0x4c00_010d
    case .openMPI(_, let byte): byte
    }
  }

  /// MPI_THREAD_SERIALIZED: any thread may call, one at a time.
  var serialized: CInt {
    switch self {
    case .standard: 2048
    case .mpich, .openMPI: 2
    }
  }

  /// That of a library that was opened, by the names that it has.
  init(library: UnsafeMutableRawPointer, name: String) {
    if name.contains("mpi_abi") {
      self = .standard
    } else if let world = dlsym(library, "ompi_mpi_comm_world"),
      let byte = dlsym(library, "ompi_mpi_byte")
    {
      self = .openMPI(world: Int(bitPattern: world), byte: Int(bitPattern: byte))
    } else {
      self = .mpich
    }
  }
}
