import Schema

/// The memory that this process may use.
package enum MachineMemory {
  /// Bytes: of the machine, or less where a control group (the limit of a container) or the limit of
  /// the process's address space says so.
  package static let bytes: Int = {
    var least = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    var space = rlimit()
    #if canImport(Darwin)
      let limited = getrlimit(RLIMIT_AS, &space) == 0
    #else
      let limited = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &space) == 0
    #endif
    if limited, let bytes = Int(exactly: space.rlim_cur) { least = min(least, bytes) }
    return min(least, controlGroupLimit(root: "") ?? .max)
  }()

  /// The least limit of memory of the process's control groups and of those above them; nil where
  /// none has one. Reads both versions: `memory.max` of the one hierarchy of version 2, and
  /// `memory.limit_in_bytes` in the hierarchy `memory` of version 1.
  ///
  /// - Parameter root: The folder that holds `proc` and `sys`; empty for `/`.
  package static func controlGroupLimit(root: String) -> Int? {
    var limits: [Int] = []
    for line in (text("\(root)/proc/self/cgroup") ?? "").split(separator: "\n") {
      // `number:controllers:path`; version 2 has the number 0 and no controllers.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isFirst = parts[1].split(separator: ",").contains("memory")
      guard isFirst || parts[1].isEmpty else { continue }
      let top = "\(root)/sys/fs/cgroup" + (isFirst ? "/memory" : "")
      let file = isFirst ? "memory.limit_in_bytes" : "memory.max"
      // Inside a container the path may be that of the host, of which only the top is to be seen.
      var path = parts[2].split(separator: "/").map(String.init)
      while true {
        let folder = ([top] + path).joined(separator: "/")
        if let limit = text("\(folder)/\(file)").flatMap(Int.init), limit > 0 {
          limits.append(limit)
        }
        if path.popLast() == nil { break }
      }
    }
    return limits.min()
  }

  /// The text of a file, without spaces and line breaks around it.
  private static func text(_ path: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let first = text.firstIndex(where: { !$0.isWhitespace }),
      let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return nil }
    return String(text[first...last])
  }
}
