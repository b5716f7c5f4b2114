import Foundation

private let gate = NSLock()

/// What is started in here is ended by the signals of a terminal, which `nohup` and shells without control
/// of jobs have their programs ignore.
package func withSignalsOfATerminal(_ body: () throws -> Void) rethrows {
  try gate.withLock {
    let saved = [SIGHUP, SIGINT].map { ($0, signal($0, SIG_DFL)) }
    defer { for (number, action) in saved { signal(number, action) } }
    try body()
  }
}
