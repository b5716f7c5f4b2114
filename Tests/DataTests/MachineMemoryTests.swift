import Data
import Foundation
import Testing

/// The limit of memory of control groups, from folders as the kernel shows them.
@Suite struct MachineMemoryTests {
  private func limit(_ groups: String, _ files: [String: String]) throws -> Int? {
    let folder = try TemporaryFolder()
    for (name, text) in files.merging(["proc/self/cgroup": groups], uniquingKeysWith: { $1 }) {
      let url = URL(fileURLWithPath: folder.file(name))
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: false, encoding: .utf8)
    }
    return MachineMemory.controlGroupLimit(root: folder.path)
  }

  @Test func versionTwo() throws {
    let top = "sys/fs/cgroup"
    #expect(try limit("0::/a/b\n", ["\(top)/a/b/memory.max": "300000\n"]) == 300_000)
    // A group has no more than those above it.
    #expect(
      try limit("0::/a/b\n", ["\(top)/a/b/memory.max": "max\n", "\(top)/a/memory.max": "77\n"])
        == 77)
    // In a container the path is that of the host.
    #expect(try limit("0::/docker/0123\n", ["\(top)/memory.max": "5\n"]) == 5)
    #expect(try limit("0::/a\n", ["\(top)/a/memory.max": "max\n"]) == nil)
  }

  @Test func versionOne() throws {
    let groups = "4:cpu,cpuacct:/x\n3:memory:/jobs/7\n1:name=systemd:/y\n"
    let top = "sys/fs/cgroup/memory"
    #expect(
      try limit(
        groups,
        [
          "\(top)/memory.limit_in_bytes": "9223372036854771712\n",
          "\(top)/jobs/7/memory.limit_in_bytes": "4096\n",
          "sys/fs/cgroup/cpu,cpuacct/x/memory.limit_in_bytes": "1\n",
        ]) == 4096)
    #expect(try limit("", [:]) == nil)
    #expect(MachineMemory.bytes > 1 << 20)
  }
}
