import CMtlc
import Experiments
import Schema

/// What was wrong with the last call of the calling thread that failed.
enum LastError {
  /// Holds each thread's text, freed when the thread ends.
  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    return pthread_key_create(&key, { free($0) }) == 0 ? key : nil
  }()
  /// The text before any call has failed.
  nonisolated(unsafe) private static let none = strdup("")

  static var text: UnsafePointer<CChar>? {
    let own = key.flatMap { pthread_getspecific($0) }
    return UnsafePointer(own?.assumingMemoryBound(to: CChar.self) ?? none)
  }

  private static func set(_ message: String) {
    guard let key, let copy = strdup(message) else { return }
    free(pthread_getspecific(key))
    pthread_setspecific(key, copy)
  }

  /// Runs the body of a C function. Returns the code of what it throws, whose text is kept.
  @inline(__always)
  static func code(of body: () throws(ExperimentError) -> Void) -> CInt {
    do {
      try body()
      return CInt(MTLC_OK)
    } catch {
      set(error.description)
      return CInt(code(error.kind))
    }
  }

  private static func code(_ kind: ExperimentError.Kind) -> Int {
    switch kind {
    case .argument: Int(MTLC_ERROR_ARGUMENT)
    case .data: Int(MTLC_ERROR_DATA)
    case .plan: Int(MTLC_ERROR_PLAN)
    case .memory: Int(MTLC_ERROR_MEMORY)
    case .spec, .numeric, .output, .interrupted, .internalError: Int(MTLC_ERROR_INTERNAL)
    }
  }
}
