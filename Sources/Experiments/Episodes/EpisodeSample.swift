import Data
import Foundation
import ModelDefs

/// Data that the project generates for its own examples of learning from tasks.
enum EpisodeSample {
  private static let trainingClasses = 150
  private static let testClasses = 50

  /// Writes the files of a spec that asks for it, where there are none.
  /// - Returns: The best possible AUC of the test rows where it is known.
  /// - Throws: `FileError`.
  @discardableResult
  static func prepare(_ spec: MetaSpec, isOwn: Bool, _ observer: any Observer) throws -> BestAUC? {
    guard !isOwn else { return nil }
    switch spec.source {
    case .images(_, let files):
      guard files.generate == .characters, let train = files.train.first,
        let test = files.test.first, !exists([train, test])
      else { return nil }
      observer.receive(.note("generating characters: \(train), \(test)"))
      for path in [train, test] { try OutputFolder.make(OutputFolder.parent(of: path)) }
      let generator = CharacterGenerator()
      try generator.write(train, classes: trainingClasses, first: 0)
      try generator.write(test, classes: testClasses, first: trainingClasses)
      return nil
    case .rows(let model, let files):
      guard files.files.generate == .coldStart, let train = files.files.train.first,
        let test = files.files.test.first
      else { return nil }
      let record = SampleData.recordPath(test)
      if exists([train, test]) { return SampleData.readRecord(record).first }
      observer.receive(.note("generating the cold start: \(train), \(test)"))
      for path in [train, test] { try OutputFolder.make(OutputFolder.parent(of: path)) }
      let best = try ColdStartGenerator().write(
        train: train, test: test, supportRows: model.supportRows, queryRows: model.queryRows)
      try SampleData.writeRecord([best], to: record)
      return best
    }
  }

  private static func exists(_ paths: [String]) -> Bool {
    paths.contains(where: FileManager.default.fileExists(atPath:))
  }
}
