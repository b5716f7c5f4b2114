/// Is told what an experiment does while it does it, and may ask training to stop.
///
/// Events come from the thread that runs the experiment, and those of reading from the threads that
/// read, one at a time.
public protocol Observer: Sendable {
  func receive(_ event: Event)
  /// Looked at after every training step; true ends training there.
  var shouldStop: Bool { get }
}

extension Observer {
  public var shouldStop: Bool { false }
}

/// Ignores every event.
public struct SilentObserver: Observer {
  public init() {}
  public func receive(_ event: Event) {}
}

extension Observer where Self == SilentObserver {
  /// Ignores every event.
  public static var silent: SilentObserver { SilentObserver() }
}
