import Schema

extension GatherInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(features)
    writer.put(matrix)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      features: try reader.get(),
      matrix: try reader.get())
  }
}

extension GatherInstruction.Feature: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(table)
    writer.put(ids)
    writer.put(pooling)
    writer.put(column)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      table: try reader.get(),
      ids: try reader.get(),
      pooling: try reader.get(),
      column: try reader.get())
  }
}

extension GatherInstruction.Pooling: ByteCode {
  package static let codes: [(UInt8, Self)] = [
    (0, .concat), (1, .sum), (2, .mean),
  ]
}

extension OneHotInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(ids)
    writer.put(output)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      ids: try reader.get(),
      output: try reader.get())
  }
}

extension OneHotLinearInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(features)
    writer.put(weight)
    writer.put(bias)
    writer.put(matrix)
    writer.put(accumulate)
    writer.put(activation)
    writer.put(activationColumns)
    writer.put(updateL2)
    writer.put(updatedRows)
    writer.put(part)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      features: try reader.get(),
      weight: try reader.get(),
      bias: try reader.get(),
      matrix: try reader.get(),
      accumulate: try reader.get(),
      activation: try reader.get(),
      activationColumns: try reader.get(),
      updateL2: try reader.get())
    updatedRows = try reader.get()
    part = try reader.get()
  }
}

extension OneHotLinearInstruction.Feature: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(ids)
    writer.put(rowOffset)
    writer.put(rowCount)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      ids: try reader.get(),
      rowOffset: try reader.get(),
      rowCount: try reader.get())
  }
}

extension MixtureLayout: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(width)
    writer.put(expertColumns)
    writer.put(gates)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      width: try reader.get(),
      expertColumns: try reader.get(),
      gates: try reader.get())
  }
}

extension MixtureLayout.Gate: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(experts)
    writer.put(logitColumn)
    writer.put(column)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      experts: try reader.get(),
      logitColumn: try reader.get(),
      column: try reader.get())
  }
}

extension MixtureInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(layout)
    writer.put(experts)
    writer.put(logits)
    writer.put(weights)
    writer.put(output)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      layout: try reader.get(),
      experts: try reader.get(),
      logits: try reader.get(),
      weights: try reader.get(),
      output: try reader.get())
  }
}

extension MixtureGradientInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(layout)
    writer.put(experts)
    writer.put(weights)
    writer.put(cotangent)
    writer.put(expertCotangents)
    writer.put(logitCotangents)
    writer.put(gradientOf)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      layout: try reader.get(),
      experts: try reader.get(),
      weights: try reader.get(),
      cotangent: try reader.get(),
      expertCotangents: try reader.get(),
      logitCotangents: try reader.get(),
      gradientOf: try reader.get())
  }
}

extension SparseUpdateInstruction: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(table)
    writer.put(l2)
    writer.put(sources)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      table: try reader.get(),
      l2: try reader.get(),
      sources: try reader.get())
  }
}

extension SparseUpdateInstruction.Source: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(ids)
    writer.put(pooling)
    writer.put(matrix)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(
      ids: try reader.get(),
      pooling: try reader.get(),
      matrix: try reader.get())
  }
}

extension OneHotLinearInstruction.UpdatedRows: ByteCode {
  package static let codes: [(UInt8, Self)] = [(0, .all), (1, .absent), (2, .present)]
}
