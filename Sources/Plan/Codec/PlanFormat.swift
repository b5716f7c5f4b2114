/// The fixed parts of the plan file.
package enum PlanFormat {
  /// A byte that text never starts with, a name, and the line ends that a text transfer would
  /// change.
  package static let magic: [UInt8] = [0x89] + Array("MTLC".utf8) + [0x0D, 0x0A, 0x1A]
  /// The version that is written. It rises with every change of the layout or of the meaning of what is
  /// in it.
  package static let version: UInt32 = 20
  /// The oldest version that is read. It stays: plans of it and of each later version are read by all
  /// programs to come.
  package static let oldestVersion: UInt32 = 18
  package static let readable = oldestVersion...version
  package static let versionPlace = 8
  package static let lengthPlace = 12
  package static let headerBytes = 20
  package static let checksumBytes = 8

  /// The parts of the file in their order; the tag is four characters.
  package enum Section: UInt32, CaseIterable {
    case model = 0x4C44_4F4D
    case schema = 0x4D48_4353
    case training = 0x4E41_5254
    case parameters = 0x4D52_4150
    case programs = 0x474F_5250
    case weights = 0x5448_4757
    case progress = 0x5347_5250
    case episodes = 0x5349_5045
    case initial = 0x5449_4E49
    case conflicts = 0x464E_4F43
    case average = 0x4752_5641
    case microBatches = 0x5243_494D

    package var isOptional: Bool {
      switch self {
      case .model, .schema, .training, .parameters, .programs: false
      case .weights, .progress, .episodes, .initial, .conflicts, .average, .microBatches: true
      }
    }

    /// The four characters, as they stand in the file.
    package var name: String {
      String(
        decoding: (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (8 * $0)) }, as: UTF8.self)
    }
  }
}
