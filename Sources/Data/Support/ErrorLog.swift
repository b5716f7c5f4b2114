import Schema

/// Errors of several threads, of which the first in the order of the file is kept.
final class ErrorLog: Sendable {
  private let kept = Guarded<(any Error)?>(nil)

  var first: (any Error)? { kept.withLock { $0 } }

  func add(_ error: any Error) {
    kept.withLock { first in
      guard let known = first else {
        first = error
        return
      }
      if Self.place(error) < Self.place(known) { first = error }
    }
  }

  private static func place(_ error: any Error) -> (Int, Int) {
    let place = (error as? DataError)?.place
    return (place?.line ?? .max, place?.column ?? .max)
  }
}
