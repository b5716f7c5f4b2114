/// A value of the command line that replaces one of the spec: `training.epochs=3`,
/// `features[0].name=age`.
struct SpecOverride {
  /// As it was typed.
  let text: String

  init(_ text: String) { self.text = text }

  /// Puts the value into the tree; reports what is wrong with it instead.
  func apply(to tree: inout SpecValue, _ diagnostics: SpecDiagnostics) {
    let location = SpecLocation.override(text)
    guard let equals = text.firstIndex(of: "=") else {
      diagnostics.report("expected KEY=VALUE, as in training.epochs=3", at: location, path: "")
      return
    }
    let key = String(text[..<equals])
    guard let path = SpecPath(key) else {
      diagnostics.report(
        "\(quoted(key)) is not a key path, as in training.epochs or features[0].name",
        at: location, path: "")
      return
    }
    guard let value = value(String(text[text.index(after: equals)...]), key, diagnostics) else {
      return
    }
    if let message = path.put(value, in: &tree) {
      diagnostics.report(message, at: location, path: key)
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
}
