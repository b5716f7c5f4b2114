import Data
import Foundation
import ModelDefs
import Schema

/// Data that the project generates for its own examples of learning from episodes.
enum EpisodeSample {
  private static let trainingClasses = 150
  private static let testClasses = 50

  /// Writes the files of a spec that asks for it, where there are none.
  /// - Returns: The best possible AUC of the test rows where it is known.
  /// - Throws: `FileError`.
  static func prepare(
    _ files: DataFiles, _ model: EpisodeModel, _ observer: any Observer
  ) throws -> [BestAUC] {
    guard let train = files.train.first, let test = files.test.first else { return [] }
    let exists = [train, test].contains(where: FileManager.default.fileExists(atPath:))
    func begin(_ what: String) throws {
      observer.receive(.note("generating \(what): \(train), \(test)"))
      for path in [train, test] { try OutputFolder.make(OutputFolder.parent(of: path)) }
    }
    switch (model, files.generate) {
    case (.images, .characters):
      if exists { return [] }
      try begin("characters")
      let generator = CharacterGenerator()
      try generator.write(train, classes: trainingClasses, first: 0)
      try generator.write(test, classes: testClasses, first: trainingClasses)
      return []
    case (.rows(let model), .coldStart):
      let record = SampleData.recordPath(test)
      if exists { return SampleData.readRecord(record) }
      try begin("the cold start")
      let best = try ColdStartGenerator().write(
        train: train, test: test, supportRows: model.supportRows, queryRows: model.queryRows)
      try SampleData.writeRecord([best], to: record)
      return [best]
    default: return try SampleData.prepare(files, observer)
    }
  }
}
