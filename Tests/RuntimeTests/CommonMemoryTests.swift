import Runtime
import Schema
import Testing
import Transport

/// Pages of several workers that become the same pages.
@Suite struct CommonMemoryTests {
  @Test(arguments: [2, 5])
  func workersSeeWhatOneWrites(workers: Int) throws {
    let page = CommonMemory.page
    let results = Guarded<[[UInt8]]>([])
    let threads = ThreadTransport.group(workers).map { end in
      SystemThread {
        do {
          guard let common = try CommonMemory(end) else {
            print("skipped: no memory that processes share on this system")
            return
          }
          let bytes = 3 * page
          let own = mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
          guard let own, own != MAP_FAILED else { return }
          defer { munmap(own, bytes) }
          let cells = own.assumingMemoryBound(to: UInt8.self)
          // The first worker's contents stay, page by page; those of the others go.
          cells[page] = UInt8(7 + end.rank)
          guard try common.share(own, bytes: bytes, keepsContents: true) else { return }
          #expect(cells[page] == 7)
          for round in 1...50 {
            cells[end.rank] = UInt8(round)
            common.meeting.meet()
            let all = (0..<end.count).map { cells[$0] }
            #expect(all.allSatisfy { $0 == UInt8(round) })
            common.meeting.meet()
          }
          cells[2 * page + end.rank] = UInt8(end.rank)
          common.meeting.meet()
          results.withLock { $0.append((0..<end.count).map { cells[2 * page + $0] }) }
          // What is not to be kept is zeros for all.
          #expect(try common.share(own, bytes: bytes, keepsContents: false))
          #expect(cells[page] == 0 && cells[0] == 0)
          common.meeting.meet()
        } catch {
          end.fail("\(error)")
          Issue.record(error)
        }
      }
    }
    for thread in threads { thread?.join() }
    let found = results.withLock { $0 }
    #expect(found.allSatisfy { $0 == (0..<workers).map { UInt8($0) } })
    #expect(found.isEmpty || found.count == workers)
  }
}
