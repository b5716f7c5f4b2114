/// The part of a call's tiles that a worker runs: all of them, but for calls on memory that workers of one machine
/// have in common.
struct WorkerShare: BitwiseCopyable {
  var rank = 0
  var count = 1
  /// Where the workers wait for each other; nil for one that runs all tiles.
  var meeting: MeetingPlace?

  func tiles(of all: Int) -> Range<Int> { all * rank / count..<all * (rank + 1) / count }
}

/// Waits for the other workers, as a call of a program: what they write before it can be read after it.
let meetingKernel = KernelFamily<WorkerShare>(
  { arguments in
    let share: UnsafePointer<WorkerShare> = arguments.typed()
    return share.pointee.meeting == nil ? 0 : 1
  },
  { arguments, _, _ in
    let share: UnsafePointer<WorkerShare> = arguments.typed()
    share.pointee.meeting?.meet()
  })
