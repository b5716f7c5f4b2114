import Plan

/// How the programs of a worker's plan come from those of the whole one.
extension TableShards {
  /// Finds what each program looks up in the tables, and refuses other uses of them.
  mutating func findLookups() throws(ShardError) {
    plan.programs.removeAll { $0.kind == .gradients }
    for program in plan.programs {
      var found: [Lookup] = []
      for (index, instruction) in program.instructions.enumerated() {
        if case .gather(let gather) = instruction {
          for (part, feature) in gather.features.enumerated() {
            guard let table = try table(of: feature.table, in: program) else { continue }
            found.append(
              try lookup(feature.ids, of: table, at: (index, part), after: found.last, program))
          }
        } else if case .sparseUpdate(let update) = instruction {
          guard let table = try table(of: update.table, in: program) else { continue }
          for (part, source) in update.sources.enumerated() {
            guard let ids = source.ids,
              let feed = program.feeds.first(where: { $0.buffer == source.matrix.buffer })
            else {
              throw .table(
                tables[table].whole.name, reason: "its gradient is not made by lookups alone")
            }
            found.append(try lookup(ids, of: table, at: (index, part), after: found.last, program))
            sources.append(
              Source(
                lookup: found[found.count - 1], feed: feed.name, offset: source.matrix.offset,
                stride: source.matrix.strides[0], isConcatenated: source.pooling == .concat))
          }
        }
      }
      lookups[program.kind] = found
    }
  }

  /// The table that a view is all of; nil for a view of something else.
  private func table(of view: View, in program: Program) throws(ShardError) -> Int? {
    let buffer = program[view.buffer]
    guard buffer.space == .parameters, let table = table(at: buffer.offset + view.offset) else {
      return nil
    }
    let record = tables[table].whole
    guard buffer.offset + view.offset == record.offset,
      view.extents == [.fixed(record.rows), .fixed(record.columns)],
      view.strides == [record.rowStride, 1] || record.rows == 1
    else { throw .table(record.name, reason: "a lookup reads a part of it") }
    return table
  }

  private func lookup(
    _ ids: View, of table: Int, at place: (instruction: Int, part: Int), after last: Lookup?,
    _ program: Program
  ) throws(ShardError) -> Lookup {
    var length = 1
    if ids.extents.count == 2, case .fixed(let size) = ids.extents[1] { length = size }
    guard let feed = program.feeds.first(where: { $0.buffer == ids.buffer }) else {
      throw .table(tables[table].whole.name, reason: "ids of it are computed")
    }
    guard ids.extents.first == .batch(times: 1), ids.strides[0] == feed.width,
      ids.offset + length <= feed.width
    else {
      throw .table(
        tables[table].whole.name,
        reason: "a sequence with weights or attention reads it, whose gradient is that of the"
          + " whole table")
    }
    return Lookup(
      instruction: place.instruction, part: place.part, table: table, feed: feed.name,
      column: ids.offset, ownColumn: last.map { $0.ownColumn + $0.length } ?? 0, length: length)
  }

  /// Has the programs read and write what lies where in this worker's block.
  mutating func rewritePrograms() throws(ShardError) {
    for index in plan.programs.indices {
      plan.programs[index] = try rewritten(plan.programs[index])
    }
  }

  private func rewritten(_ program: Program) throws(ShardError) -> Program {
    var own = program
    for index in own.buffers.indices {
      switch own.buffers[index].space {
      case .parameters: (own.buffers[index].offset, own.buffers[index].count) = (0, blockFloats)
      case .gradients:
        (own.buffers[index].offset, own.buffers[index].count) = (0, plan.parameterFloats)
      case .arena, .feeds: break
      }
    }
    let found = lookups[program.kind] ?? []
    let feed = addFeed(of: found, to: &own)
    let move = Move(shards: self, program: program)
    for (index, instruction) in program.instructions.enumerated() {
      own.instructions[index] = try move.instruction(instruction)
      for lookup in found where lookup.instruction == index {
        let ids = View(
          buffer: feed.buffer, offset: lookup.ownColumn,
          extents: [.batch(times: 1), .fixed(lookup.length)], strides: [feed.width, 1])
        if case .gather(var gather) = own.instructions[index] {
          gather.features[lookup.part].ids = ids
          own.instructions[index] = .gather(gather)
        } else if case .sparseUpdate(var update) = own.instructions[index] {
          update.sources[lookup.part].ids = ids
          own.instructions[index] = .sparseUpdate(update)
        }
      }
    }
    for index in own.fetches.indices {
      own.fetches[index].view = try move.view(program.fetches[index].view, isLookup: false)
    }
    return own
  }

  /// Adds the feed that says where the rows of ids are.
  private func addFeed(of lookups: [Lookup], to program: inout Program) -> FeedRecord {
    let width = lookups.last.map { $0.ownColumn + $0.length } ?? 0
    let name = program.kind == .update ? Self.ownedFeed : Self.placesFeed
    let feed = FeedRecord(name: name, buffer: BufferID(program.buffers.count), width: width)
    guard width > 0 else { return feed }
    program.buffers.append(
      Buffer(
        space: .feeds, offset: (program.feedFloats + 15) & ~15,
        count: program.batchCapacity * width, dtype: .i32, label: name))
    program.feeds.append(feed)
    return feed
  }

  /// Moves views of a program from the whole block to that of the worker.
  private struct Move {
    let shards: TableShards
    /// As it was.
    let program: Program

    func instruction(_ instruction: Instruction) throws(ShardError) -> Instruction {
      if case .optimizer(var body) = instruction {
        for index in body.segments.indices {
          let segment = body.segments[index]
          let range = segment.offset..<segment.offset + segment.count
          guard let place = shards.place(of: range) else { throw fault(range) }
          body.segments[index].offset = place
        }
        for view in [\OptimizerInstruction.parameters, \.gradients] {
          body[keyPath: view].offset = 0
          body[keyPath: view].extents = [.fixed(shards.plan.parameterFloats)]
        }
        return .optimizer(body)
      }
      var isLookup = false
      if case .gather = instruction { isLookup = true }
      if case .sparseUpdate = instruction { isLookup = true }
      // The views are looked at first, since what maps them cannot throw.
      for operand in instruction.operands { _ = try view(operand.view, isLookup: isLookup) }
      return instruction.mapViews { old in (try? view(old, isLookup: isLookup)) ?? old }
    }

    /// - Parameter isLookup: Whether it is an operand of an instruction that may touch tables.
    func view(_ view: View, isLookup: Bool) throws(ShardError) -> View {
      let buffer = program[view.buffer]
      guard buffer.space == .parameters || buffer.space == .gradients,
        let bounds = view.bounds(rows: program.batchCapacity)
      else { return view }
      let range = buffer.offset + bounds.lowerBound..<buffer.offset + bounds.upperBound + 1
      var moved = view
      if let place = shards.place(of: range) {
        moved.offset = place
        return moved
      }
      guard isLookup, buffer.space == .parameters, let number = shards.table(at: range.lowerBound)
      else { throw fault(range) }
      let table = shards.tables[number]
      let isUpdate = program.kind == .update
      moved.offset = isUpdate ? table.own.offset : table.copiesOffset
      moved.extents[0] = .fixed(isUpdate ? table.own.rows : table.copies)
      return moved
    }

    private func fault(_ range: Range<Int>) -> ShardError {
      let table = shards.tables.first { $0.range.overlaps(range) }
      return .table(
        table?.whole.name ?? "a table", reason: "something else than lookups by ids reads it")
    }
  }
}
