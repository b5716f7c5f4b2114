import Schema

extension Spec {
  /// The spec with other values as a JSON5 text without a section `search`, to be kept in any folder: its
  /// paths are absolute.
  /// - Throws: `SpecError`.
  package func text(with assignments: [Assignment]) throws -> String {
    var tree = try with(assignments).tree
    absolutize(&tree, ["data"], ["train", "validation", "test", "cache"])
    absolutize(&tree, ["data", "join"], [JoinKeys.file.name])
    absolutize(&tree, ["features"], [FeatureKeys.vocabFile.name])
    absolutize(
      &tree, ["features", "pretrained"], [PretrainedKeys.file.name, PretrainedKeys.keys.name])
    absolutize(&tree, ["training"], [TrainingKeys.initializeFrom.name])
    return tree.json5 + "\n"
  }

  /// Makes paths absolute in the object, or the objects of the list, that keys lead to.
  private func absolutize(_ tree: inout SpecValue, _ way: ArraySlice<String>, _ keys: [String]) {
    switch tree.content {
    case .array(var elements):
      for k in elements.indices { absolutize(&elements[k], way, keys) }
      tree.content = .array(elements)
    case .object(var members):
      for k in members.indices {
        if let next = way.first {
          if members[k].key == next { absolutize(&members[k].value, way.dropFirst(), keys) }
        } else if keys.contains(members[k].key) {
          members[k].value = absolute(members[k].value)
        }
      }
      tree.content = .object(members)
    case .null, .bool, .integer, .number, .string: break
    }
  }

  private func absolutize(_ tree: inout SpecValue, _ way: [String], _ keys: [String]) {
    absolutize(&tree, way[...], keys)
  }

  /// A path, or a list of paths.
  private func absolute(_ value: SpecValue) -> SpecValue {
    switch value.content {
    case .array(let elements): return SpecValue(.array(elements.map(absolute)), at: value.location)
    case .string(let path):
      // In an override paths are relative to the working directory.
      var base = folder
      if case .override = value.location { base = "" }
      let resolved = TextFile.resolve(path, in: base)
      guard resolved != "-", !resolved.hasPrefix("/") else {
        return SpecValue(.string(resolved), at: value.location)
      }
      let working = FileManager.default.currentDirectoryPath
      return SpecValue(.string(TextFile.resolve(resolved, in: working)), at: value.location)
    case .null, .bool, .integer, .number, .object: return value
    }
  }
}
