import Data
import Foundation

/// Folders that results go to.
enum OutputFolder {
  static func parent(of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  /// Makes the folder if it is missing, and makes sure that files can be put into it: better now
  /// than after an hour of training. Throws `FileError`.
  static func make(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(path: path, message: "the folder cannot be made: \(reason(error))")
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw FileError(path: path, message: "the folder cannot be written to: \(systemMessage)")
    }
  }

  /// Makes sure that a file can be written later. Throws `FileError`.
  static func requireWritable(_ path: String) throws {
    if path == "-" { return }
    // Opening makes a temporary file beside it, and discarding removes that.
    try AtomicFile(path).discard()
  }

  private static var systemMessage: String { String(cString: strerror(errno)) }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    if let code = underlying?.code, underlying?.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(code)))
    }
    return error.localizedDescription
  }
}
