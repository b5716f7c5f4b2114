import Foundation
import Synchronization

/// Whether the run was asked to stop, by Ctrl-C or by the system.
enum StopSignal {
  private static let isAsked = Atomic<Bool>(false)

  /// From now on the first of these signals is only noted; the second ends the process as ever.
  static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { received in
        StopSignal.isAsked.store(true, ordering: .relaxed)
        signal(received, SIG_DFL)
      }
    }
  }

  static var wasReceived: Bool { isAsked.load(ordering: .relaxed) }
}
