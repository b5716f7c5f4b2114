import Runtime
import Testing

/// What `mtlc compare` takes for rounding.
@Suite struct ModeDistancesTests {
  private func entry(_ values: ModeDistances.Values) throws -> ModeDistances.Entry {
    var distances = ModeDistances()
    distances.note(.parameter, "bias", values, step: 2)
    return try #require(distances.entries(longestSum: 16).first)
  }

  /// A step of Lion by the sign of a gradient that is all rounding: the reference came back to nearly zero, the
  /// modes lie a whole step away, within its band but for the rounding of a number of that size.
  @Test func roundingIsThatOfTheBand() throws {
    let entry = try entry(
      .init(
        reference: [1e-7, 1e-7], perturbed: [[1e-7, 1e-7]], eager: [-0.0019999002, 1e-7],
        compiled: [-0.0019999, 1e-7], band: [0.002, 0.002]))
    #expect(entry.distance <= entry.bound)
  }

  /// What lies beyond its band by more than rounding is beyond its bound.
  @Test func beyondTheBandIsADifference() throws {
    for eager: Float in [-0.00201, 0.00201] {
      let entry = try entry(
        .init(
          reference: [1e-7], perturbed: [[1e-7]], eager: [eager], compiled: [1e-7],
          band: [0.002]))
      #expect(entry.distance > entry.bound, "\(eager)")
    }
    let bare = try entry(
      .init(reference: [0.5], perturbed: [[0.5]], eager: [0.50001], compiled: [0.5]))
    #expect(bare.distance > bare.bound)
  }
}
