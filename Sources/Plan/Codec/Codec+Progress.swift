import Schema

extension TrainingProgress: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(step)
    writer.put(epoch)
    writer.put(rowInEpoch)
    writer.varint(UInt64(states.count))
    for state in states { writer.block(state) }
    writer.put(watch)
    writer.put(report)
    writer.put(sums)
  }

  package init(from reader: inout ByteReader) throws {
    let (step, epoch) = (try reader.get(Int.self), try reader.get(Int.self))
    let row = try reader.get(Int.self)
    let count = try reader.count(ofSize: 1)
    self.init(
      step: step, epoch: epoch, rowInEpoch: row,
      states: try (0..<count).map { _ in try reader.block() }, watch: try reader.get(),
      report: try reader.get(), sums: try reader.get())
  }
}

extension WatchProgress: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(best)
    writer.put(reference)
    writer.put(epochsWithout)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      best: try reader.get(), reference: try reader.get(), epochsWithout: try reader.get())
  }
}

extension WatchProgress.Best: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(epoch)
    writer.put(value)
    writer.block(weights)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(epoch: try reader.get(), value: try reader.get(), weights: try reader.block())
  }
}

extension AverageProgress: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(count)
    writer.block(weights)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(count: try reader.get(), weights: try reader.block())
  }
}
