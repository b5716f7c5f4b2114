import Schema

extension EpisodeSettings: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(kind)
    writer.put(steps)
    writer.put(tasksPerStep)
    writer.put(evaluationEpisodes)
    writer.put(evaluationInterval)
    writer.put(feeds)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      kind: try reader.get(),
      steps: try reader.get(),
      tasksPerStep: try reader.get(),
      evaluationEpisodes: try reader.get(),
      evaluationInterval: try reader.get(),
      feeds: try reader.get())
  }
}

extension EpisodeSettings.Kind: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .images(let ways, let shots, let queries, let height, let width, let rotations):
      writer.byte(0)
      for size in [ways, shots, queries, height, width] { writer.put(size) }
      writer.put(rotations)
    case .rows(let support, let queries):
      writer.byte(1)
      writer.put(support)
      writer.put(queries)
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

extension FeedLayout.Feed: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(width)
    writer.put(isInteger)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(name: try reader.get(), width: try reader.get(), isInteger: try reader.get())
  }
}
