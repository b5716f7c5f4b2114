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
    var isFolder: ObjCBool = false
    if !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      let parent = parent(of: path)
      if parent != path, !FileManager.default.fileExists(atPath: parent) { try make(parent) }
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
        throw FileError(path: path, message: "the folder cannot be made: \(systemMessage)")
      }
    } else if !isFolder.boolValue {
      throw FileError(path: path, message: "is a file, a folder is needed")
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
}
