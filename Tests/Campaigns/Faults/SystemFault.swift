/// A fault of the system, which `strace` or a limit of the shell brings about.
struct SystemFault: CustomStringConvertible {
  enum Kind: Hashable {
    /// The process is killed at a system call.
    case kill
    /// The call fails with this error.
    case error(String)
    /// A read that gives nothing, as at the end of a file that is cut off.
    case end
    /// A limit of the shell, by its letter: of a file's blocks, of open files, of address space in KiB.
    case limit(String)
  }

  var call: String
  var kind: Kind
  /// At which occurrence of the call; of a limit how much.
  var number: Int

  var description: String {
    switch kind {
    case .kill: "KILL at \(call) \(number)"
    case .error(let name): "\(name) at \(call) \(number)"
    case .end: "end at \(call) \(number)"
    case .limit(let letter): "ulimit -\(letter) \(number)"
    }
  }

  /// As the table counts it.
  var name: String {
    switch kind {
    case .kill: "KILL"
    case .error(let name): name
    case .end: "end of file"
    case .limit(let letter): "ulimit -\(letter)"
    }
  }

  /// The calls that faults are put into, with the errors that they may have.
  static let errors: [(call: String, errors: [String])] = [
    ("read", ["EIO", "EINTR", "EAGAIN"]), ("pread64", ["EIO", "EINTR", "EAGAIN"]),
    ("write", ["EIO", "ENOSPC", "EINTR", "EAGAIN"]), ("pwrite64", ["EIO", "ENOSPC"]),
    ("openat", ["EIO", "ENOSPC", "EINTR", "EMFILE", "EACCES"]), ("close", ["EIO", "EINTR"]),
    ("fsync", ["EIO", "ENOSPC", "EINTR"]), ("rename", ["EIO", "ENOSPC", "EACCES"]),
    ("mkdir", ["EIO", "ENOSPC", "EACCES"]), ("unlink", ["EIO", "EACCES"]),
    ("flock", ["EINTR", "ENOLCK", "EAGAIN"]), ("ftruncate", ["EIO", "ENOSPC"]),
    ("clone3", ["EAGAIN"]), ("fstat", ["EIO"]), ("newfstatat", ["EIO", "EACCES"]),
    ("getdents64", ["EIO"]), ("fchmod", ["EIO"]),
  ]

  /// What the program is started by.
  func wrapper() -> [String] {
    let injection =
      switch kind {
      case .kill: "signal=KILL"
      case .error(let name): "error=\(name)"
      case .end: "retval=0"
      case .limit: ""
      }
    if case .limit(let letter) = kind {
      return ["sh", "-c", "ulimit -\(letter) \(number); exec \"$0\" \"$@\""]
    }
    return [
      "strace", "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
      "inject=\(call):\(injection):when=\(number)",
    ]
  }
}
