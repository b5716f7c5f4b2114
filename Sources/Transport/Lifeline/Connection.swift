import Schema

/// A connection between two processes, over which a word travels at its start and one at its end, nothing else. The
/// system tells each end within ten seconds when the other, or the way to it, is no longer there.
struct Connection: Sendable {
  let descriptor: CInt

  init(_ descriptor: CInt) {
    self.descriptor = descriptor
    func set(_ level: CInt, _ option: CInt, _ value: CInt) {
      var value = value
      setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
    // Asks after two seconds, and every two from then on; gives up when three answers have not come: after eight.
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    #if canImport(Darwin)
      set(CInt(IPPROTO_TCP), TCP_KEEPALIVE, 2)
    #else
      set(CInt(IPPROTO_TCP), TCP_KEEPIDLE, 2)
    #endif
    set(CInt(IPPROTO_TCP), TCP_KEEPINTVL, 2)
    set(CInt(IPPROTO_TCP), TCP_KEEPCNT, 3)
  }

  /// Connects to a number of an address; nil where nobody answers within three seconds.
  init?(to address: String, port: UInt16) {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    #if canImport(Glibc)
      hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, "\(port)", &hints, &found) == 0, let found else { return nil }
    defer { freeaddrinfo(found) }
    let info = found.pointee
    let descriptor = socket(info.ai_family, info.ai_socktype, info.ai_protocol)
    guard descriptor >= 0 else { return nil }
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    let isConnected =
      connect(descriptor, info.ai_addr, info.ai_addrlen) == 0
      || errno == EINPROGRESS && Self.wait(descriptor, Int16(POLLOUT), milliseconds: 3000)
        && Self.error(descriptor) == 0
    guard isConnected else {
      close(descriptor)
      return nil
    }
    _ = fcntl(descriptor, F_SETFL, flags)
    self.init(descriptor)
  }

  private static func error(_ descriptor: CInt) -> CInt {
    var (code, size): (CInt, socklen_t) = (0, socklen_t(MemoryLayout<CInt>.size))
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
  }

  /// Whether a descriptor is ready within a time.
  static func wait(_ descriptor: CInt, _ events: Int16, milliseconds: CInt) -> Bool {
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    var result: CInt
    repeat { result = poll(&entry, 1, milliseconds) } while result < 0 && errno == EINTR
    return result > 0
  }

  func put(_ bytes: [UInt8]) -> Bool {
    #if canImport(Darwin)
      let flags: CInt = 0
    #else
      let flags = CInt(MSG_NOSIGNAL)
    #endif
    var done = 0
    while done < bytes.count {
      let sent = bytes[done...].withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, flags)
      }
      if sent < 0, errno == EINTR { continue }
      guard sent > 0 else { return false }
      done += sent
    }
    return true
  }

  /// As many bytes; fewer at the end of the connection, or where they do not come within ten seconds.
  func take(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: count)
    while bytes.count < count, Self.wait(descriptor, Int16(POLLIN), milliseconds: 10_000) {
      let got = recv(descriptor, &room, count - bytes.count, 0)
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      bytes += room[..<got]
    }
    return bytes
  }

  func end() { close(descriptor) }
}
