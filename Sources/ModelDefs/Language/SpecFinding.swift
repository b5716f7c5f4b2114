import Schema

/// One thing that is wrong with a spec.
public struct SpecFinding: Sendable, Hashable, CustomStringConvertible {
  /// The spec's file as it was named by the caller.
  public var file: String
  public var location: SpecLocation
  /// The key path, such as `features[3].name`; empty for the spec as a whole.
  public var path: String
  public var message: String

  /// `spec.json5:12:7: features[3].embeding_dim: unknown key; did you mean "embedding_dim"?`
  public var description: String {
    let place =
      switch location {
      case .text(let line, let column): "\(file):\(line):\(column)"
      case .override(let text): "--set \(text)"
      case .file: file
      }
    return path.isEmpty ? "\(place): \(message)" : "\(place): \(path): \(message)"
  }
}

/// A spec that cannot be used, with everything that was found wrong with it, in the order of the
/// checks.
public struct SpecError: Error, Sendable, Hashable, CustomStringConvertible {
  public var findings: [SpecFinding]

  public init(_ findings: [SpecFinding]) { self.findings = findings }

  /// One finding a line, the first of many.
  public var description: String {
    MessageText.message(MessageText.list(findings.map(\.description)))
  }
}

/// Collects the findings of one reading of a spec.
package final class SpecDiagnostics {
  package let file: String
  package private(set) var findings: [SpecFinding] = []
  private var reported: Set<SpecFinding> = []

  package init(file: String) { self.file = file }

  /// Notes a finding; the same one twice is noted once.
  package func report(_ message: String, at location: SpecLocation, path: String) {
    let finding = SpecFinding(file: file, location: location, path: path, message: message)
    if reported.insert(finding).inserted { findings.append(finding) }
  }

  /// - Throws: `SpecError` when anything was found.
  package func check() throws {
    if !findings.isEmpty { throw SpecError(findings) }
  }
}
