import Runtime

/// The command line of the process.
package enum ProcessArguments {
  /// Its words, without the name of the program.
  package static var words: [String] { Platform.arguments }
}
