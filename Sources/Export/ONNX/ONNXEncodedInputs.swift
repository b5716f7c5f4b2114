import Schema

/// Declares an input for each feature that takes what the plan's encoder gives.
enum ONNXEncodedInputs {
  static func declare(_ schema: DataSchema, _ builder: inout ONNXBuilder) -> ONNXFeeds {
    var feeds = ONNXFeedBuilder()
    for (index, feature) in schema.features.enumerated() {
      builder.scope = feature.name
      let (name, rows) = (feature.name, feature.cardinality ?? 1)
      let title = "the feature \(name), of the column \(feature.column)"
      func input(
        _ role: ONNXInput.Role, _ suffix: String, _ element: ONNXElement,
        _ shape: [ONNXValue.Dimension], _ documentation: String
      ) -> String {
        let name = builder.input(name + suffix, element, shape, documentation)
        return feeds.declared(name, index, role)
      }
      switch feature.encoder {
      case .id, .bucketized, .cross:
        feeds.add(
          ids: input(
            .values, "", .int64, [.batch],
            "The id of \(title): 0 for a missing or unknown value, below \(rows)."))
      case .numeric:
        let number = input(.values, "", .float, [.batch], "The scaled number of \(title).")
        feeds.add(numbers: builder.unsqueeze(number, axis: 1))
      case .vector(let layout):
        feeds.add(
          numbers: input(
            .values, "", .float, [.batch, .fixed(layout.dim)],
            "The numbers of \(title), zeros where it is missing."))
      case .sequence(_, let layout):
        let shape: [ONNXValue.Dimension] = [.batch, .fixed(layout.maxLength)]
        let ids = input(
          .values, "", .int64, shape,
          "The ids of \(title), below \(rows) each; what stands behind the first \(name).length of a"
            + " row is not looked at.")
        let lengths = input(
          .lengths, ".length", .int64, [.batch], "How many ids \(title) has.")
        let weights =
          layout.weighted
          ? input(.weights, ".weights", .float, shape, "The weight of each id of \(title).") : nil
        feeds.add(
          sequence: name, layout, ids: ids, weights: weights, lengths: lengths, &builder)
      }
    }
    builder.scope = ""
    return feeds.finish(&builder)
  }
}
