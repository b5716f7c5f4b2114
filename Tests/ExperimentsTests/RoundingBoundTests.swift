import Experiments
import Foundation
import Testing

/// Specs that the campaign of random ones found, whose modes agree though one draw of rounding was too
/// little to bound a tensor by.
@Suite struct RoundingBoundTests {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/compare")

  /// `constant`: a column of one value behind crosses and batch normalization. `flat`: a bucketized
  /// number whose gradient vanishes in normalization. `unit`: a layer of one unit.
  @Test(arguments: ["constant", "flat", "unit"], [1, 2])
  func modesAgree(name: String, steps: Int) throws {
    var experiment = try Experiment(
      contentsOf: Self.folder.appending(path: "\(name).json5").path)
    experiment.threads = 1
    let comparison = try experiment.compare(steps: steps)
    #expect(
      comparison.agrees, "\(comparison.report.entries.filter { $0.distance > $0.bound })")
  }
}
