import Experiments
import Schema
import Synchronization

/// Signals that end the process, and whether training was asked to stop by one.
enum StopSignal {
  private static let isAsked = Atomic<Bool>(false)
  private static let isListening = Atomic<Bool>(false)

  /// From now on these signals leave nothing half-written: temporary files go before the process ends
  /// as ever.
  static func prepare() {
    // Once outside of a handler, in which nothing may be set up.
    OutputFolder.removeUnfinished()
    _ = (wasReceived, isListening.load(ordering: .relaxed))
    // Whoever started the program may have done so from a thread that blocks them: that is inherited.
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU] {
      sigaddset(&unblocked, number)
      let before = signal(number, received)
      // What was ignored stays ignored, as under nohup.
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
  }

  /// From now on the first request to stop is only noted; the second ends the process.
  static func listen() { isListening.store(true, ordering: .relaxed) }

  static var wasReceived: Bool { isAsked.load(ordering: .relaxed) }

  private static let received: @convention(c) (Int32) -> Void = { number in
    // What was interrupted may be about to read it.
    let code = errno
    defer { errno = code }
    if number == SIGINT || number == SIGTERM || number == SIGHUP,
      isListening.load(ordering: .relaxed),
      !isAsked.exchange(true, ordering: .relaxed)
    {
      return
    }
    OutputFolder.removeUnfinished()
    signal(number, SIG_DFL)
    raise(number)
  }
}
