import Plan

/// A form that a trained plan can be written in for other programs. `all` lists them.
public struct ExportFormat: Sendable {
  /// As `mtlc export --format` names it.
  public let name: String
  /// One line for the help.
  public let summary: String
  /// The options that it takes.
  public let options: Set<ExportOption>
  /// What the name of the file must end in, where there are others beside it; nil for any name and for
  /// standard output.
  public let suffix: String?
  private let write: @Sendable (Plan, ExportOptions) throws(ExportError) -> [ExportedFile]

  init(
    name: String, summary: String, options: Set<ExportOption> = [], suffix: String? = nil,
    write: @escaping @Sendable (Plan, ExportOptions) throws(ExportError) -> [ExportedFile]
  ) {
    self.name = name
    self.summary = summary
    self.options = options
    self.suffix = suffix
    self.write = write
  }

  public static let all: [ExportFormat] = [.safetensors, .c, .onnx]

  /// The files that stand for the plan; the first is the one that was asked for, the others go beside it.
  /// - Throws: for a plan that is not trained, or that the format cannot express.
  public func files(
    of plan: Plan, _ options: ExportOptions
  ) throws(ExportError) -> [ExportedFile] {
    guard plan.weights != nil else {
      throw ExportError("the plan is compiled but not trained", hint: "mtlc run trains it")
    }
    return try write(plan, options)
  }
}

/// What only some formats can do.
public enum ExportOption: Sendable, Hashable, CaseIterable {
  /// The optimizer states beside the parameters.
  case states
  /// What rows enter the model as.
  case inputs
  /// Rows with the plan's predictions, beside the model.
  case verification
}

/// How a plan is to be written.
public struct ExportOptions: Sendable, Hashable {
  /// The name of the file that is asked for, without its folder: others refer to it.
  public var fileName: String
  /// Whether optimizer states are written too.
  public var includesStates = false
  /// What rows enter the model as.
  public var inputs = ONNXInputs.encoded

  public init(fileName: String) { self.fileName = fileName }
}

/// A file of an exported plan.
public struct ExportedFile: Sendable, Hashable {
  /// Without a folder.
  public var name: String
  public var bytes: [UInt8]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}
