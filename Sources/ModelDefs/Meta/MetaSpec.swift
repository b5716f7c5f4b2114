import Schema

/// The spec of a model that learns from tasks: `model.type` is `maml`.
public struct MetaSpec: Sendable {
  public static let type = "maml"

  /// The file as the caller named it.
  public let file: String
  public let name: String
  public let source: Source
  public let training: MetaTraining
  /// The spec with its overrides as canonical JSON.
  public let canonicalText: String

  /// Where tasks come from, and the model that adapts to them.
  public enum Source: Sendable {
    case images(ImageEpisodeModel, ImageEpisodeFiles)
    case rows(RowEpisodeModel, RowEpisodeFiles)
  }

  /// Whether a text is a spec of this kind; false for what cannot be read.
  public static func matches(_ bytes: [UInt8], overrides: [String] = []) -> Bool {
    let diagnostics = SpecDiagnostics(file: "")
    guard var tree = try? JSON5Parser.parse(bytes, diagnostics: diagnostics) else { return false }
    for text in overrides { SpecOverride(text).apply(to: &tree, diagnostics) }
    return matches(tree)
  }

  static func matches(_ tree: SpecValue) -> Bool {
    guard case .string(let text)? = tree.member("model")?.value.member("type")?.value.content else {
      return false
    }
    return text == type
  }

  /// Reads a spec from a text.
  /// - Parameters:
  ///   - file: What to call it in messages.
  ///   - folder: What its paths are relative to; empty for the working directory.
  ///   - overrides: Texts such as `training.meta_steps=3` that replace what the file says.
  /// - Throws: `SpecError` with everything that is wrong.
  public init(bytes: [UInt8], file: String, folder: String = "", overrides: [String] = []) throws {
    let diagnostics = SpecDiagnostics(file: file)
    var tree: SpecValue
    do {
      tree = try JSON5Parser.parse(bytes, diagnostics: diagnostics)
    } catch {
      diagnostics.report(
        error.message, at: .text(line: error.line, column: error.column), path: "")
      throw SpecError(diagnostics.findings)
    }
    for text in overrides { SpecOverride(text).apply(to: &tree, diagnostics) }
    let root = SpecNode(tree, path: "", diagnostics)
    let readsRows = tree.member("features") != nil
    guard
      let section = SectionReader(root, readsRows ? MetaKeys.rowRoot : MetaKeys.imageRoot)
    else { throw SpecError(diagnostics.findings) }
    let source =
      readsRows
      ? MetaSpecDecoder.rows(section, folder: folder)
      : MetaSpecDecoder.images(section, folder: folder)
    let training = MetaSpecDecoder.training(section)
    try diagnostics.check()
    guard let source, let training else { throw SpecError(diagnostics.findings) }
    self.file = file
    name = section[SpecKeys.name] ?? Self.stem(file)
    self.source = source
    self.training = training
    canonicalText = tree.json
  }

  private static func stem(_ file: String) -> String {
    let fileName = file.split(separator: "/").last.map(String.init) ?? file
    return fileName.split(separator: ".").first.map(String.init) ?? fileName
  }
}

/// The arrays of a spec, their paths resolved.
public struct ImageEpisodeFiles: Sendable, Hashable {
  public var train: [String]
  public var test: [String]
  /// Whether turned classes are classes of their own in training.
  public var rotations: Bool
  public var generate: GeneratedEpisodes
}

/// How the meta parameters are trained.
public struct MetaTraining: Sendable, Hashable {
  public var steps: Int
  /// Tasks of a step.
  public var batchSize: Int
  public var evaluationEpisodes: Int
  /// Steps from one evaluation to the next; 0 for none before the end.
  public var evaluationInterval: Int
  public var seed: UInt64
  public var optimizer: Optimizer
}
