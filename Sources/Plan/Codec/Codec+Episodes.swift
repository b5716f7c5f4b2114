import Schema

extension EpisodeSettings: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.kind, \.steps, \.tasksPerStep, \.evaluationEpisodes, \.evaluationInterval)
}

extension EpisodeSettings.Kind: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .images(let ways, let shots, let queries, let height, let width, let rotations):
      writer.put(case: 0, ways, shots, queries, height, width, rotations)
    case .rows(let support, let queries): writer.put(case: 1, support, queries)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0:
      self = .images(
        ways: try reader.get(), shots: try reader.get(), queries: try reader.get(),
        height: try reader.get(), width: try reader.get(), rotations: try reader.get())
    case 1: self = .rows(support: try reader.get(), queries: try reader.get())
    case let code: throw reader.damaged("episodes of unknown kind \(code)")
    }
  }
}
