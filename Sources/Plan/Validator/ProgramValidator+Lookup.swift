import TensorTypes

extension ProgramValidator {
  mutating func check(_ gather: GatherInstruction, isGradient: Bool) {
    let name = isGradient ? "scatter" : "gather"
    let result = touch(gather.matrix, isGradient ? .read : .write, "\(name): matrix")
    guard let matrix = fixedColumns(gather.matrix, "\(name): matrix") else { return }
    var taken: [Range<Int>] = []
    for (index, feature) in gather.features.enumerated() {
      let role = "\(name): feature \(index)"
      let table = touch(feature.table, isGradient ? .readWrite : .read, "\(role): table")
      let ids = touch(feature.ids, .read, "\(role): ids", dtype: .i32)
      if isGradient {
        checkAlias(table, result, "\(role): table")
      } else {
        checkAlias(result, table, "\(name): matrix")
        checkAlias(result, ids, "\(name): matrix")
      }
      guard let shape = fixedColumns(feature.table, "\(role): table"), case .fixed = shape.rows,
        let idShape = fixedColumns(feature.ids, "\(role): ids")
      else {
        report("\(role): the table's rows depend on the batch")
        continue
      }
      if idShape.rows != matrix.rows {
        report("\(role): ids have \(idShape.rows) rows, the matrix \(matrix.rows)")
      }
      let (wide, overflow) = shape.columns.multipliedReportingOverflow(by: idShape.columns)
      let width = feature.pooling == .concat ? wide : shape.columns
      guard !overflow, fits(feature.column, width, in: matrix.columns) else {
        report("\(role): columns from \(feature.column) on do not fit \(matrix.columns)")
        continue
      }
      let columns = feature.column..<(feature.column + width)
      if !isGradient, taken.contains(where: { $0.overlaps(columns) }) {
        report("\(role): its columns are another's")
      }
      taken.append(columns)
    }
  }

  mutating func check(_ update: SparseUpdateInstruction) {
    let result = touch(update.table, .readWrite, "sparse update: table")
    let shape = fixedColumns(update.table, "sparse update: table")
    if plan.training.optimizer.sparse == nil {
      report("sparse update: the plan has no sparse optimizer")
    }
    if !update.l2.isFinite || update.l2 < 0 { report("sparse update: an L2 factor") }
    guard let shape, case .fixed = shape.rows,
      plan.parameters.contains(where: {
        $0.offset == update.table.offset + program[update.table.buffer].offset
          && update.table.extents == [.fixed($0.rows), .fixed($0.columns)]
          && update.table.strides == [$0.rowStride, 1]
      }), program[update.table.buffer].space == .parameters
    else { return report("sparse update: its table is not a parameter") }
    for (index, source) in update.sources.enumerated() {
      let role = "sparse update: source \(index)"
      let gradient = touch(source.matrix, .read, role)
      checkAlias(result, gradient, "sparse update: table")
      guard let matrix = fixedColumns(source.matrix, role) else { continue }
      var length = 1
      if let view = source.ids {
        touch(view, .read, "\(role): ids", dtype: .i32)
        guard let ids = fixedColumns(view, "\(role): ids") else { continue }
        if ids.rows != matrix.rows {
          report("\(role): ids have \(ids.rows) rows, the gradient \(matrix.rows)")
        }
        length = ids.columns
      } else if matrix.rows != shape.rows {
        report("\(role): \(matrix.rows) rows for a table of \(shape.rows)")
      }
      let (wide, overflow) = shape.columns.multipliedReportingOverflow(by: length)
      let width = source.pooling == .concat ? wide : shape.columns
      if overflow || matrix.columns != width {
        report("\(role): \(matrix.columns) columns where \(width) are expected")
      }
    }
  }

  mutating func check(_ oneHot: OneHotInstruction) {
    let ids = touch(oneHot.ids, .read, "one-hot: ids", dtype: .i32)
    let output = touch(oneHot.output, .write, "one-hot: output")
    checkAlias(output, ids, "one-hot: output")
    guard let matrix = fixedColumns(oneHot.output, "one-hot: output") else { return }
    let isColumn = oneHot.ids.extents == [matrix.rows, .fixed(1)]
    if !isColumn { expect(oneHot.ids.extents, [matrix.rows], "one-hot: ids") }
  }

  mutating func check(_ linear: OneHotLinearInstruction, isGradient: Bool) {
    typealias Limit = OneHotLinearInstruction
    let name = isGradient ? "one-hot gradient" : "one-hot linear"
    let forward: Access.Mode = linear.accumulate ? .readWrite : .write
    let weight = resolve(linear.weight, "\(name): weight")
    for rows in linear.weightRows {
      touch(rows, isGradient ? .readWrite : .read, "\(name): weight")
    }
    // The step of absent rows only learns from the matrix how wide it is.
    let result =
      linear.updatedRows == .absent
      ? nil : touch(linear.matrix, isGradient ? .read : forward, "\(name): matrix")
    checkAlias(isGradient ? weight : result, isGradient ? result : weight, "\(name): its result")
    guard let table = fixedColumns(linear.weight, "\(name): weight"),
      case .fixed(let rows) = table.rows,
      let matrix = fixedColumns(linear.matrix, "\(name): matrix")
    else { return report("\(name): the weight's rows depend on the batch") }
    if matrix.columns != table.columns {
      report("\(name): \(matrix.columns) columns from a weight of \(table.columns)")
    }
    if let view = linear.bias {
      let bias = touch(view, isGradient ? .write : .read, "\(name): bias")
      expectDenseRows(view, "\(name): bias")
      expect(view.extents, [.fixed(matrix.columns)], "\(name): bias")
      checkAlias(isGradient ? bias : result, isGradient ? result : bias, "\(name): its result")
      if isGradient { checkAlias(bias, weight, "\(name): bias") }
    }
    for (index, feature) in linear.features.enumerated() {
      let ids = touch(feature.ids, .read, "\(name): ids \(index)", dtype: .i32)
      checkAlias(isGradient ? weight : result, ids, "\(name): its result")
      expect(feature.ids.extents, [matrix.rows, .fixed(1)], "\(name): ids \(index)")
      if feature.rowCount < 1 || !fits(feature.rowOffset, feature.rowCount, in: rows) {
        report("\(name): rows of feature \(index) lie outside the weight")
      }
    }
    if let l2 = linear.updateL2 {
      if !l2.isFinite || l2 < 0 { report("\(name): its L2 factor") }
      if let weight, !isGradient || weight.space != .parameters {
        report("\(name): updates what is not a parameter")
      }
      if !linear.isSteppable
        || matrix.rows.size(rows: program.batchCapacity) > Limit.largestUpdateBatch
        || linear.features.contains(where: { $0.rowCount > Limit.largestUpdateVocabulary })
      {
        report("\(name): an update of rows that are shared, missing or too many")
      }
    }
    if linear.updatedRows != .all, linear.updateL2 == nil || linear.bias != nil {
      report("\(name): some rows of what is not an update of a weight alone")
    }
    if !(0...2).contains(linear.part) { report("\(name): part \(linear.part) of 2") }
    if let columns = linear.activationColumns,
      columns.lowerBound < 0 || columns.upperBound > matrix.columns
    {
      report("\(name): activation on columns \(columns) of \(matrix.columns)")
    }
  }
}
