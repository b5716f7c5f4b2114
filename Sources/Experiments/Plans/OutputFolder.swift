import Data
import Foundation

/// Folders and files that results go to.
public enum OutputFolder {
  /// Makes the folder if it is missing, and makes sure that files can be put into it: better now
  /// than after an hour of training.
  public static func make(_ path: String) throws(ExperimentError) {
    try ExperimentError.wrap { try prepare(path) }
  }

  /// Makes sure that a file can be written later; `-` always can.
  public static func requireWritable(_ path: String) throws(ExperimentError) {
    if path == "-" { return }
    // Opening makes a temporary file beside it, and discarding removes that.
    try ExperimentError.wrap { try AtomicFile(path).discard() }
  }

  /// Writes a text whole or not at all; `-` is standard output.
  public static func write(_ text: String, to path: String) throws(ExperimentError) {
    try ExperimentError.wrap { try AtomicFile.write(Array(text.utf8), to: path) }
  }

  static func parent(of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  private static func prepare(_ path: String) throws {
    var isFolder: ObjCBool = false
    if !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      let parent = parent(of: path)
      if parent != path, !FileManager.default.fileExists(atPath: parent) { try prepare(parent) }
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

  private static var systemMessage: String { String(cString: strerror(errno)) }
}
