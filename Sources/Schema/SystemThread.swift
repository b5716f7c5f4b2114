/// A thread of the system. It says so when there is none to be had, where those of Foundation and
/// Dispatch wait for ever.
package struct SystemThread: @unchecked Sendable {
  private let handle: pthread_t

  /// What the thread runs; owned by the thread once that runs.
  private final class Start {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs the body on a new thread; nil when the system has none left.
  package init?(_ body: @escaping @Sendable () -> Void) {
    let start = Unmanaged.passRetained(Start(body))
    #if canImport(Darwin)
      var handle: pthread_t?
    #else
      var handle = pthread_t()
    #endif
    let status = pthread_create(&handle, nil, { Self.run($0) }, start.toOpaque())
    guard status == 0, let made = Optional(handle) else {
      start.release()
      return nil
    }
    self.handle = made
  }

  private static func run(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let start { Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body() }
    return nil
  }

  /// Waits for its end. To be called once, or `detach`.
  package func join() { pthread_join(handle, nil) }

  /// Lets it go: nobody will wait for its end.
  package func detach() { pthread_detach(handle) }
}
