import Data
import Foundation
import Schema

/// The fields that the reader finds in a text, as the texts of a table of id columns: it reads
/// them through the public door, by fitting and looking up what each id stands for.
func readFields(
  _ bytes: [UInt8], _ format: TableFormat = TableFormat(missing: []), columns: [String]
) throws -> [[String]] {
  let folder = try TemporaryFolder()
  let path = try folder.write(bytes)
  let declaration = DataDeclaration(
    format: format,
    features: columns.map {
      FeatureDeclaration(name: $0, column: $0, kind: .id(.trainingData(minFrequency: 1)))
    }, labels: [])
  let fitted = try declaration.fit([path])
  guard let ids = fitted.dataset.integers(FeedLayout.ids) else { return [] }
  let vocabularies = fitted.schema.features.map { feature -> [String] in
    if case .id(.vocabulary(let tokens)) = feature.encoder { return tokens }
    return []
  }
  return (0..<fitted.dataset.rowCount).map { row in
    columns.indices.map { column in
      let id = Int(ids[row * columns.count + column])
      return id == 0 ? "<none>" : vocabularies[column][id - 1]
    }
  }
}

func readFields(
  _ text: String, _ format: TableFormat = TableFormat(missing: []), columns: [String]
) throws -> [[String]] {
  try readFields(Array(text.utf8), format, columns: columns)
}

/// The error of a body that should throw a `DataError`.
func dataError(_ body: () throws -> Void) -> DataError? {
  do {
    try body()
    return nil
  } catch let error as DataError {
    return error
  } catch {
    return nil
  }
}

/// An error's text with the folder's part of the path left out.
func message(_ error: DataError?) -> String {
  guard let error else { return "no error" }
  guard let file = error.place?.file else { return error.description }
  let name = URL(fileURLWithPath: file).lastPathComponent
  return error.description.replacingOccurrences(of: file, with: name)
}
