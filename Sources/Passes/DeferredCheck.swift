import Schema

/// Checks what a pass has left while the next pass runs, on a thread of its own where there is one.
///
/// One check at a time: the next one begins when the one before has ended well. An error is that of the
/// pass that caused it, whatever the passes behind it made of its result.
final class DeferredCheck {
  private final class Outcome: @unchecked Sendable {
    // Written by the thread, read when it has ended.
    var error: (any Error)?
  }

  private var running: (thread: SystemThread, outcome: Outcome)?

  /// Begins a check. Throws what the one before has found, and what this one finds where it runs at
  /// once.
  /// - Parameter isSmall: The check is done sooner than a thread would be there.
  func begin(isSmall: Bool, _ check: @escaping @Sendable () throws -> Void) throws {
    try finish()
    let outcome = Outcome()
    if !isSmall,
      let thread = SystemThread({
        do { try check() } catch { outcome.error = error }
      })
    {
      running = (thread, outcome)
    } else {
      try check()
    }
  }

  /// Waits for the check that runs, and throws what it has found.
  func finish() throws {
    guard let (thread, outcome) = running else { return }
    running = nil
    thread.join()
    if let error = outcome.error { throw error }
  }

  /// Runs a pass; what a check finds meanwhile comes before an error of the pass.
  func beside<Result>(_ pass: () throws -> Result) throws -> Result {
    do {
      return try pass()
    } catch {
      try finish()
      throw error
    }
  }

  deinit { running?.thread.join() }
}
