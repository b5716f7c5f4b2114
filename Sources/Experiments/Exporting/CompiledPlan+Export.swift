import Data
import Export
import Plan
import Schema

/// A trained plan in a form for other programs.
public struct ExportRequest: Sendable {
  /// A format, of which there is a list.
  public typealias Format = ExportFormat
  /// What rows enter an exported model as.
  public typealias Inputs = ONNXInputs

  public static var formats: [Format] { Format.all }

  public var format: Format
  /// Whether a checkpoint's optimizer states are written too.
  public var includesStates = false
  /// What rows enter the model as; nil for what its encoders give.
  public var inputs: Inputs?
  /// A file for made-up rows with what the plan predicts for them; nil for none.
  public var verification: String?

  /// Throws an argument error for a name that no format has.
  public init(format name: String) throws(ExperimentError) {
    guard let format = Self.formats.first(where: { $0.name == name }) else {
      throw ExperimentError(
        .argument, "unknown format \"\(name)\"",
        hint: "the formats are \(Self.formats.map(\.name).joined(separator: ", "))")
    }
    self.format = format
  }

  /// Throws an argument error for what the format cannot do.
  public func check(path: String) throws(ExperimentError) {
    if let suffix = format.suffix, !path.hasSuffix(suffix) {
      throw ExperimentError(
        .argument, "\(path): the format \(format.name) needs a file whose name ends in \(suffix)",
        hint: "other files go beside it")
    }
    if includesStates, !format.options.contains(.states) {
      throw ExperimentError(.argument, "the format \(format.name) has no optimizer states")
    }
    if inputs != nil, !format.options.contains(.inputs) {
      throw ExperimentError(.argument, "the format \(format.name) has no choice of inputs")
    }
    if verification != nil, !format.options.contains(.verification) {
      throw ExperimentError(.argument, "the format \(format.name) has no rows to verify it with")
    }
  }
}

extension CompiledPlan {
  /// Writes the plan in another form; each file appears whole or not at all. `-` is standard output,
  /// where the form is a single file.
  ///
  /// - Returns: The paths of the files, the one that was asked for first, with their bytes.
  @discardableResult
  public func export(
    _ request: ExportRequest, to path: String
  ) throws(ExperimentError) -> [(path: String, bytes: Int)] {
    try request.check(path: path)
    let url = URL(fileURLWithPath: path)
    var options = ExportOptions(fileName: path == "-" ? plan.name : url.lastPathComponent)
    options.includesStates = request.includesStates
    if let inputs = request.inputs { options.inputs = inputs }
    return try ExperimentError.wrap {
      let files = try request.format.files(of: plan, options)
      var places = files.enumerated().map { index, file in
        let beside = url.deletingLastPathComponent().appendingPathComponent(file.name).path
        return (index == 0 ? path : beside, file)
      }
      if let place = request.verification {
        let text = try ExportVerification.text(self, options.inputs)
        places.append((place, ExportedFile(name: place, bytes: Array(text.utf8))))
      }
      // All are written before the first one appears.
      let written = try places.map { place, file in
        let output = try AtomicFile(place)
        try output.write(file.bytes)
        return (place, output, file.bytes.count)
      }
      for (_, output, _) in written { try output.commit() }
      return written.map { (path: $0.0, bytes: $0.2) }
    }
  }
}
