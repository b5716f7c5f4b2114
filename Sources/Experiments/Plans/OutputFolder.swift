import Data
import Schema

/// Folders and files that results go to.
public enum OutputFolder {
  /// Makes the folder if it is missing, and makes sure that files can be put into it: better now
  /// than after an hour of training.
  public static func make(_ path: String) throws(ExperimentError) {
    _ = try ExperimentError.wrap { try prepare(path) }
  }

  /// Runs the body with a folder for its results, made if it is missing. Folders that were made and in
  /// which nothing was put go again.
  ///
  /// - Parameters:
  ///   - path: nil runs the body alone.
  ///   - isExclusive: Whether no other process may write its results there at the same time: an
  ///     output error names the one that does.
  public static func use<Result>(
    _ path: String?, isExclusive: Bool = false, _ body: () throws -> Result
  ) throws -> Result {
    guard let path else { return try body() }
    let made = try ExperimentError.wrap { try prepare(path) }
    let entries = made.map(UnfinishedFiles.add)
    defer {
      for entry in entries { entry?.remove() }
      for folder in made.reversed() { rmdir(folder) }
    }
    return try isExclusive ? locked(path, body) : body()
  }

  /// The lock is gone when this returns: its file must not keep an empty folder.
  private static func locked<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    let lock = try ExperimentError.wrap { try FolderLock(path) }
    return try withExtendedLifetime(lock) { try body() }
  }

  /// Removes temporary files, locks and empty folders of this process: what a signal handler does before
  /// it ends the process. Takes neither memory nor a lock.
  public static func removeUnfinished() { UnfinishedFiles.removeAll() }

  /// Makes sure that a file can be written later; `-` always can.
  public static func requireWritable(_ path: String) throws(ExperimentError) {
    if path == "-" { return }
    // Opening makes a temporary file beside it, and discarding removes that.
    try ExperimentError.wrap { try AtomicFile(path).discard() }
  }

  /// Makes sure that a file would not replace another one.
  public static func requireAbsent(_ path: String) throws(ExperimentError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    throw ExperimentError(
      .output, "\(MessageText.printable(path)): there is a file of this name",
      hint: "name another one, or remove it")
  }

  /// Writes a text whole or not at all; `-` is standard output.
  public static func write(_ text: String, to path: String) throws(ExperimentError) {
    try ExperimentError.wrap { try AtomicFile.write(Array(text.utf8), to: path) }
  }

  /// Whether there is a folder of this name.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether there is something of this name.
  public static func hasFile(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  static func parent(of path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().path
  }

  /// - Returns: The folders that were made, the outermost first.
  private static func prepare(_ path: String) throws -> [String] {
    var made: [String] = []
    var status = stat()
    if stat(path, &status) != 0 {
      let parent = parent(of: path)
      if parent != path, !FileManager.default.fileExists(atPath: parent) {
        made = try prepare(parent)
      }
      if mkdir(path, 0o777) == 0 {
        made.append(path)
      } else if errno != EEXIST {
        let message = systemMessage
        for folder in made.reversed() { rmdir(folder) }
        throw FileError(path: path, message: "the folder cannot be made: \(message)")
      }
    } else if status.st_mode & S_IFMT != S_IFDIR {
      throw FileError(path: path, message: "is a file, a folder is needed")
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw FileError(path: path, message: "the folder cannot be written to: \(systemMessage)")
    }
    return made
  }

  private static var systemMessage: String { String(cString: strerror(errno)) }
}
