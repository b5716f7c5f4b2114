/// A value of the command line that replaces one of the spec: `training.epochs=3`,
/// `features[0].name=age`.
struct SpecOverride {
  /// As it was typed.
  let text: String

  private enum Step {
    case key(String)
    case index(Int)
  }

  init(_ text: String) { self.text = text }

  /// Puts the value into the tree; reports what is wrong with it instead.
  func apply(to tree: inout SpecValue, _ diagnostics: SpecDiagnostics) {
    let location = SpecLocation.override(text)
    guard let equals = text.firstIndex(of: "=") else {
      diagnostics.report("expected KEY=VALUE, as in training.epochs=3", at: location, path: "")
      return
    }
    let path = String(text[..<equals])
    guard let steps = Self.steps(of: path) else {
      diagnostics.report(
        "\(quoted(path)) is not a key path, as in training.epochs or features[0].name",
        at: location, path: "")
      return
    }
    guard let value = value(String(text[text.index(after: equals)...]), path, diagnostics) else {
      return
    }
    if let message = Self.put(value, at: steps[...], in: &tree) {
      diagnostics.report(message, at: location, path: path)
    }
  }

  /// JSON5, or the text itself where it is none and does not look like a list, object or string.
  private func value(
    _ text: String, _ path: String, _ diagnostics: SpecDiagnostics
  ) -> SpecValue? {
    let location = SpecLocation.override(self.text)
    do {
      return try JSON5Parser.parse(Array(text.utf8), diagnostics: diagnostics, origin: location)
    } catch {
      if let first = text.first(where: { !$0.isWhitespace }), "[{\"'".contains(first) {
        diagnostics.report(error.message, at: location, path: path)
        return nil
      }
      return SpecValue(.string(text), at: location)
    }
  }

  private static func steps(of path: String) -> [Step]? {
    var steps: [Step] = []
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let name = part.prefix { $0 != "[" }
      guard !name.isEmpty else { return nil }
      steps.append(.key(String(name)))
      var rest = part[name.endIndex...]
      while !rest.isEmpty {
        guard rest.first == "[", let close = rest.firstIndex(of: "]"),
          let index = Int(rest[rest.index(after: rest.startIndex)..<close]), index >= 0
        else { return nil }
        steps.append(.index(index))
        rest = rest[rest.index(after: close)...]
      }
    }
    return steps
  }

  /// Answers what is wrong, or nil.
  private static func put(
    _ value: SpecValue, at steps: ArraySlice<Step>, in tree: inout SpecValue
  ) -> String? {
    guard let step = steps.first else {
      tree = value
      return nil
    }
    switch step {
    case .key(let key):
      // `features.0.name` is read as `features[0].name`.
      if tree.elements != nil, let index = Int(key), index >= 0 {
        return put(value, at: [.index(index)] + steps.dropFirst(), in: &tree)
      }
      guard var members = tree.members else {
        return "\(quoted(key)) is a key, but it would be in \(tree.kindName)"
      }
      let place = members.firstIndex { $0.key == key }
      if steps.count == 1, case .null = value.content {
        if let place { members.remove(at: place) }
      } else {
        let empty = SpecValue(.object([]), at: value.location)
        var child = place.map { members[$0].value } ?? empty
        if let message = put(value, at: steps.dropFirst(), in: &child) { return message }
        let member = SpecValue.Member(key: key, keyLocation: value.location, value: child)
        if let place {
          members[place].value = child
          if steps.count == 1 { members[place].keyLocation = value.location }
        } else {
          members.append(member)
        }
      }
      tree.content = .object(members)
      return nil
    case .index(let index):
      guard var elements = tree.elements else {
        return "[\(index)] counts in a list, but there is \(tree.kindName)"
      }
      guard index < elements.count else {
        return "[\(index)] is beyond the list, which has \(elements.count) entries"
      }
      if let message = put(value, at: steps.dropFirst(), in: &elements[index]) { return message }
      tree.content = .array(elements)
      return nil
    }
  }
}
