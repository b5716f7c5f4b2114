/// An object of a spec made in Swift: values of keys, which are checked when the spec is made of it.
///
///     FeatureObject.id("city").with(FeatureKeys.embeddingDim, 8)
///
/// `Section` only tells a feature from a task: the keys that an object takes are those of the spec.
public struct SpecObject<Section>: Sendable {
  private(set) var members: [(key: String, content: SpecValue.Content)] = []

  /// - Parameter type: The value of the key `type`, where the section has one.
  public init(type: String? = nil) {
    if let type { members.append(("type", .string(type))) }
  }

  /// The same with a value of a key; the last one counts.
  public func with<Value: SpecConvertible>(_ key: SpecKey<Value>, _ value: Value) -> Self {
    setting(key, value.specContent)
  }

  public func with<Value: SpecConvertible>(_ key: SpecKey<Value?>, _ value: Value) -> Self {
    setting(key, value.specContent)
  }

  /// One of the choices of a key.
  public func with<Value: RawRepresentable<String>>(
    _ key: SpecKey<Value>, _ value: Value
  ) -> Self {
    setting(key, .string(value.rawValue))
  }

  public func with<Value: RawRepresentable<String>>(
    _ key: SpecKey<Value?>, _ value: Value
  ) -> Self {
    setting(key, .string(value.rawValue))
  }

  /// A key by its name, for sections whose keys are declared elsewhere.
  public func with<Value: SpecConvertible>(_ name: String, _ value: Value) -> Self {
    setting(name, value.specContent)
  }

  /// An object in the object, as `optimizer` in `training`.
  public func with<Other>(_ key: SpecKey<SpecValue?>, _ object: SpecObject<Other>) -> Self {
    setting(key, object.value.content)
  }

  private func setting(_ key: any AnySpecKey, _ content: SpecValue.Content) -> Self {
    setting(key.name, content)
  }

  private func setting(_ key: String, _ content: SpecValue.Content) -> Self {
    var copy = self
    copy.members.removeAll { $0.key == key }
    copy.members.append((key, content))
    return copy
  }

  var value: SpecValue {
    SpecValue(
      .object(
        members.map {
          .init(key: $0.key, keyLocation: .file, value: SpecValue($0.content, at: .file))
        }), at: .file)
  }
}

/// A value that a key of a spec can have.
public protocol SpecConvertible {
  var specContent: SpecValue.Content { get }
}

extension String: SpecConvertible {
  public var specContent: SpecValue.Content { .string(self) }
}

extension Bool: SpecConvertible {
  public var specContent: SpecValue.Content { .bool(self) }
}

extension Int: SpecConvertible {
  public var specContent: SpecValue.Content { .integer(self) }
}

extension Double: SpecConvertible {
  public var specContent: SpecValue.Content { .number(self) }
}

extension Array: SpecConvertible where Element: SpecConvertible {
  public var specContent: SpecValue.Content {
    .array(map { SpecValue($0.specContent, at: .file) })
  }
}
