/// The attributes of one op while it is read: every one must be asked for before `finish`.
struct AttributeReader {
  struct Entry {
    var value: AttributeValue
    var offset: Int
  }

  /// Something an attribute must be and is not.
  struct Problem: Error {
    var offset: Int
    var message: String
  }

  let mnemonic: String
  /// Where the op's name stands.
  let offset: Int
  private var entries: [String: Entry] = [:]

  init(mnemonic: String, offset: Int) {
    self.mnemonic = mnemonic
    self.offset = offset
  }

  mutating func add(_ name: String, _ entry: Entry) throws {
    guard entries.updateValue(entry, forKey: name) == nil else {
      throw Problem(offset: entry.offset, message: "attribute '\(name)' is there twice")
    }
  }

  func has(_ name: String) -> Bool { entries[name] != nil }

  mutating func flag(_ name: String) throws -> Bool {
    guard let entry = entries.removeValue(forKey: name) else { return false }
    guard case .flag = entry.value else { throw wrong(name, entry, "no value") }
    return true
  }

  mutating func integer(_ name: String) throws -> Int {
    let entry = try required(name)
    guard case .integer(let value) = entry.value else { throw wrong(name, entry, "a whole number") }
    return value
  }

  mutating func integers(_ name: String) throws -> [Int] {
    let entry = try required(name)
    guard case .integers(let value) = entry.value else {
      throw wrong(name, entry, "a list of whole numbers")
    }
    return value
  }

  mutating func text(_ name: String) throws -> String {
    let entry = try required(name)
    guard case .word(let value) = entry.value else { throw wrong(name, entry, "a text") }
    return value
  }

  /// A kind that is named by its raw value.
  mutating func choice<Kind: CaseIterable & RawRepresentable<String>>(
    _ name: String
  ) throws -> Kind {
    let entry = try required(name)
    guard case .word(let word) = entry.value, let kind = Kind(rawValue: word) else {
      let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw wrong(name, entry, "one of \(known)")
    }
    return kind
  }

  mutating func activation(_ name: String) throws -> EpilogueActivation? {
    has(name) ? try choice(name) : nil
  }

  /// Reports an attribute that nobody asked for.
  func finish() throws {
    guard let (name, entry) = entries.min(by: { $0.value.offset < $1.value.offset }) else { return }
    throw Problem(offset: entry.offset, message: "\(mnemonic): has no attribute '\(name)'")
  }

  private mutating func required(_ name: String) throws -> Entry {
    guard let entry = entries.removeValue(forKey: name) else {
      throw Problem(offset: offset, message: "\(mnemonic): attribute '\(name)' is missing")
    }
    return entry
  }

  private func wrong(_ name: String, _ entry: Entry, _ expected: String) -> Problem {
    Problem(
      offset: entry.offset, message: "\(mnemonic): attribute '\(name)' takes \(expected)")
  }
}
