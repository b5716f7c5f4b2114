import CAllocation
import Schema

/// What happens when the system has no memory for an object or an array of Swift's: the message and the exit
/// code of any other shortage, in place of a signal. What is being written lies beside its final place, as
/// after a kill.
enum AllocationFailure {
  /// From here on a shortage ends the process so. Throws `MemoryShortage` where a limit of address space leaves
  /// too little for the libraries that the program runs on, which end it with a signal when they have none.
  static func endsProcess() throws {
    try requireRoom()
    mtlc_allocation_on_shortage { bytes in
      AllocationFailure.say("mtlc: error: the system has no more memory: it refused ")
      AllocationFailure.say(bytes)
      AllocationFailure.say(
        " bytes more — use fewer rows, smaller layers or fewer threads, or raise the limit\n")
      _exit(ExitCode.memory.rawValue)
    }
  }

  private static func requireRoom() throws {
    let bytes = 24 << 20
    let room = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard room != MAP_FAILED else {
      throw MemoryShortage(
        "the limit of address space leaves less than \(bytes >> 20) MiB beside the program",
        hint: "raise it: ulimit -v")
    }
    munmap(room, bytes)
  }

  private static func say(_ text: StaticString) {
    _ = write(2, text.utf8Start, text.utf8CodeUnitCount)
  }

  /// Writes a number digit by digit: nothing here may allocate.
  private static func say(_ number: Int) {
    var unit = 1
    while number / unit >= 10 { unit *= 10 }
    while unit > 0 {
      var digit = UInt8(truncatingIfNeeded: 48 + number / unit % 10)
      _ = write(2, &digit, 1)
      unit /= 10
    }
  }
}
