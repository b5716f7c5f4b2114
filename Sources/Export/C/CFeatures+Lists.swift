import Schema

/// Features that are made of several texts.
extension CFeatures {
  mutating func sequence(
    _ feature: FeatureSchema, _ encoding: IdEncoding, _ layout: SequenceLayout, length: Int,
    isWeighted: Bool
  ) throws(ExportError) {
    helpers.formUnion([.list, .isMissing, .text])
    let place = row.number(of: feature.column)
    let ids = try feeds.expression(FeedLayout.sequenceIds(feature.name))
    let weights =
      isWeighted ? try feeds.expression(FeedLayout.sequenceWeights(feature.name)) : ""
    let markers = markers(feature)
    text.open("")
    text.line("struct text item;")
    openList("items", feature.column, layout, markers)
    text.line("size_t used = 0;")
    if layout.keep == .last || layout.weightsColumn != nil {
      helpers.insert(.countItems)
      text.line("const size_t count = count_items(items);")
    }
    if layout.keep == .last {
      text.line("const size_t first = count > \(length) ? count - \(length) : 0;")
    }
    if let column = layout.weightsColumn {
      let weightPlace = row.number(of: column)
      text.line("struct text weight_item;")
      openList("weight_items", column, layout, markers)
      text.line("const int has_weights = !weight_items.is_over;")
      text.line("if (has_weights && count_items(weight_items) != count) return \(weightPlace);")
    }
    text.open("for (size_t k = 0; next_item(&items, &item); k++)")
    if isWeighted { text.line("double weight = 1;") }
    if let column = layout.weightsColumn {
      let call = numberCall(feature.cells.numbers, "weight_item", "weight")
      text.line("if (has_weights && next_item(&weight_items, &weight_item)")
      text.line("    && (!\(call) || fabs(weight) > FLT_MAX))")
      text.line("  return \(row.number(of: column));")
    }
    text.line(
      layout.keep == .last
        ? "if (k < first || used == \(length)) continue;" : "if (k >= \(length)) continue;")
    if isWeighted, layout.weightsColumn == nil {
      helpers.insert(.splitWeight)
      let call = numberCall(feature.cells.numbers, "written", "weight")
      text.line("const struct text written = split_weight(&item);")
      text.line("if (written.start && (!\(call) || fabs(weight) > FLT_MAX)) return \(place);")
    }
    text.line("\(ids)[used] = \(idCall(encoding, "item", feature));")
    text.line("if (\(ids)[used] < 0) return \(place);")
    if isWeighted { text.line("\(weights)[used] = (float)weight;") }
    text.line("used++;")
    text.close()
    text.open("for (; used < \(length); used++)")
    text.line("\(ids)[used] = -1;")
    if isWeighted { text.line("\(weights)[used] = 0;") }
    text.close()
    text.close()
  }

  /// Declares a list of a column; one that is missing has no items.
  private mutating func openList(
    _ variable: String, _ column: String, _ layout: SequenceLayout, _ markers: String
  ) {
    text.line(
      "struct list \(variable) = open_list(\(textCell(column)), "
        + "\(CLiteral.character(layout.separator)), \(layout.brackets ? 1 : 0));")
    text.line("\(variable).is_over = is_missing(\(variable).cell, \(markers));")
  }

  mutating func cross(
    _ feature: FeatureSchema, _ columns: [String], buckets: Int, into target: String
  ) {
    helpers.formUnion([.hash, .isMissing, .isUTF8, .text])
    let markers = markers(feature)
    text.open("")
    // A separator behind each text, so that different lists have different bytes.
    text.line("static const struct text end = {\"\\037\", 1};")
    text.line("uint64_t all = hash_start;")
    text.line("int lacks = 0;")
    text.line("struct text cell;")
    for column in columns {
      text.line("cell = \(textCell(column));")
      text.line("if (cell.start && !is_utf8(cell)) return \(row.number(of: column));")
      text.line("lacks = lacks || is_missing(cell, \(markers));")
      text.line("all = hash(hash(all, cell), end);")
    }
    text.line("\(target) = lacks ? 0 : (int32_t)(all % \(max(1, buckets)) + 1);")
    text.close()
  }

  mutating func vector(_ feature: FeatureSchema, _ layout: VectorLayout, column: Int) {
    helpers.formUnion([.list, .isMissing, .text])
    let place = row.number(of: feature.column)
    text.open("")
    text.line("struct text item;")
    text.line(
      "struct list items = open_list(\(textCell(feature.column)), "
        + "\(CLiteral.character(layout.separator)), \(layout.brackets ? 1 : 0));")
    text.line("const int is_there = !is_missing(items.cell, \(markers(feature)));")
    text.open("for (int k = 0; k < \(layout.dim); k++)")
    text.line("double number = 0;")
    let call = numberCall(feature.cells.numbers, "item", "number")
    text.line("if (is_there && (!next_item(&items, &item) || !\(call) || fabs(number) > FLT_MAX))")
    text.line("  return \(place);")
    text.line("encoded->numeric[\(column) + k] = (float)number;")
    text.close()
    text.line("if (is_there && next_item(&items, &item)) return \(place);")
    text.close()
  }
}
