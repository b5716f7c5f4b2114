/// The way to a value of a spec: `training.epochs`, `features[0].name`.
package struct SpecPath: Sendable, Hashable, CustomStringConvertible {
  private enum Step: Sendable, Hashable {
    case key(String)
    case index(Int)
  }

  /// As it was written.
  package let description: String
  private let steps: [Step]

  /// Nil for a text that is no path.
  package init?(_ text: String) {
    var steps: [Step] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
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
    description = text
    self.steps = steps
  }

  private init(_ description: String, _ steps: [Step]) {
    self.description = description
    self.steps = steps
  }

  /// The key that it ends with; nil where that is a place in a list.
  package var lastKey: String? {
    if case .key(let key)? = steps.last { key } else { nil }
  }

  /// The way to the object that holds its last key; nil for a key of the spec itself.
  package var parent: SpecPath? {
    guard let key = lastKey, steps.count > 1 else { return nil }
    return SpecPath(String(description.dropLast(key.count + 1)), Array(steps.dropLast()))
  }

  /// Whether it leads into what another one leads to.
  package func isBelow(_ other: SpecPath) -> Bool {
    steps.count > other.steps.count && steps.starts(with: other.steps)
  }

  /// The value there; nil where there is none.
  package func value(in tree: SpecValue) -> SpecValue? {
    var value = tree
    for step in steps {
      let next: SpecValue? =
        switch step {
        case .key(let key):
          value.member(key)?.value ?? Int(key).flatMap { Self.element($0, of: value) }
        case .index(let index): Self.element(index, of: value)
        }
      guard let next else { return nil }
      value = next
    }
    return value
  }

  private static func element(_ index: Int, of value: SpecValue) -> SpecValue? {
    value.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
  }

  /// Puts a value there, in objects that are made where they are missing; null takes a key away.
  /// - Returns: What is wrong, or nil.
  package func put(_ value: SpecValue, in tree: inout SpecValue) -> String? {
    Self.put(value, at: steps[...], in: &tree)
  }

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
