/// The keys that an object of a spec takes.
package struct SpecSection: Sendable {
  /// The name in the reference text: `data`, `features[] of type "id"`.
  package var title: String
  public var documentation: String
  package var keys: [any AnySpecKey]

  package init(_ title: String, _ documentation: String, keys: [any AnySpecKey]) {
    self.title = title
    self.documentation = documentation
    self.keys = keys
  }
}

/// An object whose `type` decides which keys it takes.
package struct SpecVariants: Sendable {
  /// What the object is, for messages: `feature`, `model`.
  package var noun: String
  /// The type of an object that gives none; nil when it must.
  package var defaultType: String?
  /// Keys of every type.
  package var common: [any AnySpecKey]
  package var variants: [(type: String, section: SpecSection)]

  init(
    noun: String, defaultType: String? = nil, common: [any AnySpecKey] = [],
    variants: [(type: String, section: SpecSection)]
  ) {
    self.noun = noun
    self.defaultType = defaultType
    self.common = common
    self.variants = variants
  }

  /// Variants of an object at one place, such as `training.optimizer`.
  init(
    noun: String, at place: String, defaultType: String? = nil, common: [any AnySpecKey] = [],
    _ variants: [(type: String, documentation: String, keys: [any AnySpecKey])]
  ) {
    self.init(
      noun: noun, defaultType: defaultType, common: common,
      variants: variants.map {
        (
          $0.type,
          SpecSection("\(place) of type \"\($0.type)\"", $0.documentation, keys: $0.keys)
        )
      })
  }

  /// The type's section and reader, or nil when that could not be made out (and was reported).
  func read(_ node: SpecNode) -> (type: String, section: SectionReader)? {
    guard node.value.members != nil else { return node.mismatch("an object") }
    let names = variants.map(\.type)
    var type = defaultType
    if let member = node.value.member("type") {
      let path = SectionReader.join(node.path, "type")
      guard case .string(let text) = member.value.content else {
        return SpecNode(member.value, path: path, node.diagnostics).mismatch(
          "one of \(names.map(quoted).joined(separator: ", "))")
      }
      guard names.contains(text) else {
        node.diagnostics.report(
          "unknown \(noun) type \(quoted(text)); \(suggestion(for: text, among: names))",
          at: member.value.location, path: path)
        return nil
      }
      type = text
    }
    guard let type, let section = variants.first(where: { $0.type == type })?.section else {
      node.report("the required key \"type\" is missing; one of \(names.joined(separator: ", "))")
      return nil
    }
    var whole = section
    whole.keys = [typeKey] + common + section.keys
    let otherVariants = variants.filter { $0.type != type }.map { ($0.type, $0.section.keys) }
    let reader = SectionReader(node, whole) { key in
      let owners = otherVariants.filter { $0.1.contains { $0.name == key } }.map { quoted($0.0) }
      guard !owners.isEmpty else { return nil }
      return "does not go with the \(noun) type \(quoted(type)); it belongs to"
        + " \(owners.joined(separator: ", "))"
    }
    return reader.map { (type, $0) }
  }

  /// The definition of the `type` key itself.
  var typeKey: any AnySpecKey {
    let names = variants.map { quoted($0.type) }.joined(separator: " or ")
    return SpecKey<String>(
      "type", type: names, default: defaultType.map(quoted), required: defaultType == nil,
      "Which \(noun) it is.", fallback: defaultType ?? "", decode: { $0.string() })
  }
}

/// Reads the values of an object by the keys of its section.
package struct SectionReader {
  package let node: SpecNode
  private let section: SpecSection

  /// Reports unknown keys and missing required ones. Nil when the node is no object.
  /// - Parameter explain: what to say of an unknown key, when more is known about it.
  init?(_ node: SpecNode, _ section: SpecSection, explain: (String) -> String? = { _ in nil }) {
    guard let members = node.value.members else {
      let _: Int? = node.mismatch("an object")
      return nil
    }
    self.node = node
    self.section = section
    let names = section.keys.map(\.name)
    for member in members where !names.contains(member.key) {
      let path = Self.join(node.path, member.key)
      let message =
        explain(member.key) ?? "unknown key; \(suggestion(for: member.key, among: names))"
      node.diagnostics.report(message, at: member.keyLocation, path: path)
    }
    for key in section.keys where key.isRequired && node.value.member(key.name) == nil {
      node.report("the required key \(quoted(key.name)) is missing")
    }
  }

  /// The value of a key; its default when it is absent or wrong (and was reported).
  package subscript<Value>(key: SpecKey<Value>) -> Value {
    assert(
      section.keys.contains { $0.name == key.name }, "\(key.name) is not in \(section.title)")
    guard let child = child(key) else { return key.fallback }
    return key.decode(child) ?? key.fallback
  }

  /// Whether the section has the key at all.
  func takes(_ key: any AnySpecKey) -> Bool { section.keys.contains { $0.name == key.name } }

  package func isSet(_ key: any AnySpecKey) -> Bool { node.value.member(key.name) != nil }

  func child(_ key: any AnySpecKey) -> SpecNode? {
    node.value.member(key.name).map {
      SpecNode($0.value, path: Self.join(node.path, key.name), node.diagnostics)
    }
  }

  /// Reports something about a key, at its value when it is there.
  package func report(_ message: String, _ key: any AnySpecKey) {
    if let child = child(key) {
      child.report(message)
    } else {
      node.diagnostics.report(
        message, at: node.value.location, path: Self.join(node.path, key.name))
    }
  }

  /// Reports each of these keys that is set.
  func refuse(_ keys: [any AnySpecKey], _ message: String) {
    for key in keys where isSet(key) { report(message, key) }
  }

  /// Reports the first text that a list holds twice.
  func requireDistinct(_ texts: [String], _ key: any AnySpecKey) {
    var seen: Set<String> = []
    if let double = texts.first(where: { !seen.insert($0).inserted }) {
      report("names \(quoted(double)) twice", key)
    }
  }

  static func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? key : "\(path).\(key)"
  }
}
