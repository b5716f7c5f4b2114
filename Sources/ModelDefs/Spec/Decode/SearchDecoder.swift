/// Reads `search`: which keys `mtlc tune` tries which values of. Whether these are possible is for
/// `Spec.findings(of:among:)` to say.
struct SearchDecoder {
  private(set) var dimensions: [SearchDimension] = []

  init(_ spec: SectionReader) {
    guard let node = spec.child(SpecKeys.search) else { return }
    guard let members = node.value.members else {
      let _: Int? = node.mismatch("an object from keys of the spec to their values")
      return
    }
    if members.isEmpty { node.report("names no key to search; leave it away for the usual ones") }
    for member in members {
      let path = SectionReader.join(node.path, member.key)
      guard let key = SpecPath(member.key) else {
        node.diagnostics.report(
          "\(quoted(member.key)) is not a key path, as training.epochs or features[0].name",
          at: member.keyLocation, path: node.path)
        continue
      }
      if let values = Self.values(SpecNode(member.value, path: path, node.diagnostics)) {
        dimensions.append(SearchDimension(key, values, at: member.value.location))
      }
    }
  }

  private static func values(_ node: SpecNode) -> SearchDimension.Values? {
    if let choices = node.value.elements {
      if choices.isEmpty { node.report("has no value to choose") }
      return choices.isEmpty ? nil : .choices(choices)
    }
    guard node.value.members != nil else {
      return node.mismatch("a list of values, or an object with \"log\", \"uniform\" or \"int\"")
    }
    guard let section = SectionReader(node, SearchKeys.section) else { return nil }
    let known: [any AnySpecKey] = [SearchKeys.log, SearchKeys.uniform, SearchKeys.int]
    guard known.count(where: { section.isSet($0) }) == 1 else {
      if node.value.members?.isEmpty == true || known.count(where: { section.isSet($0) }) > 1 {
        node.report("needs one of \"log\", \"uniform\" and \"int\"")
      }
      return nil
    }
    func decoded<Value>(_ key: SpecKey<Value>) -> Value? { section.child(key).flatMap(key.decode) }
    if section.isSet(SearchKeys.log) { return decoded(SearchKeys.log).map { .logarithmic($0) } }
    if section.isSet(SearchKeys.uniform) { return decoded(SearchKeys.uniform).map { .uniform($0) } }
    return decoded(SearchKeys.int).map { .integers($0) }
  }
}
