import Schema

/// Where the other processes connect to.
struct Listener: Sendable {
  private let descriptor: CInt
  let port: UInt16

  /// nil where the system has none to give.
  init?(backlog: Int) {
    // One socket for both kinds of addresses, or for the old ones where a system has no others.
    for family in [AF_INET6, AF_INET] {
      #if canImport(Glibc)
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue), 0)
      #else
        let descriptor = socket(family, SOCK_STREAM, 0)
      #endif
      guard descriptor >= 0 else { continue }
      var off: CInt = 0
      if family == AF_INET6 {
        setsockopt(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &off, socklen_t(4))
      }
      if let port = Self.listen(descriptor, family, backlog) {
        (self.descriptor, self.port) = (descriptor, port)
        return
      }
      close(descriptor)
    }
    return nil
  }

  /// Any free port of all addresses.
  private static func listen(_ descriptor: CInt, _ family: CInt, _ backlog: Int) -> UInt16? {
    var address = sockaddr_storage()
    address.ss_family = sa_family_t(family)
    var size = socklen_t(
      family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain -> UInt16? in
        guard bind(descriptor, plain, size) == 0,
          listenOn(descriptor, CInt(clamping: backlog)) == 0,
          getsockname(descriptor, plain, &size) == 0
        else { return nil }
        // The port has the same place in both kinds.
        return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          UInt16(bigEndian: $0.pointee.sin_port)
        }
      }
    }
  }

  /// The next connection; nil where none comes within a tenth of a second.
  func accept() -> Connection? {
    guard Connection.wait(descriptor, Int16(POLLIN), milliseconds: 100) else { return nil }
    let accepted = acceptOn(descriptor)
    return accepted >= 0 ? Connection(accepted) : nil
  }

  func end() { close(descriptor) }

  /// The addresses of this machine, by numbers, those of other machines' use first.
  static var addresses: [String] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var (outer, own): ([String], [String]) = ([], [])
    var next = list
    while let entry = next?.pointee {
      next = entry.ifa_next
      guard let address = entry.ifa_addr, entry.ifa_flags & UInt32(IFF_UP) != 0 else { continue }
      let family = CInt(address.pointee.sa_family)
      guard family == AF_INET || family == AF_INET6 else { continue }
      let size =
        family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      guard
        getnameinfo(
          address, socklen_t(size), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
      else { continue }
      let name = String(
        decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      // Those of one link mean nothing on another machine.
      guard !name.contains("%") else { continue }
      if entry.ifa_flags & UInt32(IFF_LOOPBACK) != 0 {
        own.append(name)
      } else {
        outer.append(name)
      }
    }
    return outer + own
  }
}

// The system's functions have the names of methods above.
private func listenOn(_ descriptor: CInt, _ backlog: CInt) -> CInt { listen(descriptor, backlog) }
private func acceptOn(_ descriptor: CInt) -> CInt { accept(descriptor, nil, nil) }
