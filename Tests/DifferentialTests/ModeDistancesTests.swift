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

  /// Distances are shares of the largest magnitude of all steps; each tensor keeps the farthest of all
  /// steps and the step at which that was.
  @Test func theFarthestStepIsKept() throws {
    var distances = ModeDistances()
    distances.note(
      .gradient, "a",
      .init(
        reference: [1, -4], perturbed: [[1.25, -4]], eager: [1.5, -4], compiled: [1, -4]), step: 1)
    distances.note(
      .gradient, "a",
      .init(
        reference: [2, 3], perturbed: [[2, 3], [2, 3.125]], eager: [2, 3.25], compiled: [2, 5]),
      step: 2)
    distances.note(
      .gradient, "a",
      .init(reference: [8, 0], perturbed: [[8, 0]], eager: [8, 1], compiled: [8, 0]), step: 3)
    distances.note(
      .loss, "a", .init(reference: [3], perturbed: [[3]], eager: [3], compiled: [3]), step: 3)
    let entries = distances.entries(longestSum: 9)
    #expect(entries.map(\.kind) == [.gradient, .loss])
    #expect(entries.map(\.eager) == [0.125, 0])
    #expect(entries.map(\.compiled) == [0.25, 0])
    #expect(entries.map(\.step) == [2, 1])
    // 16 times as far as the reference moved, and at least the rounding of a sum of nine terms.
    #expect(entries.first?.bound == 16 * 0.25 / 8)
    let floor = try #require(entries.last?.bound)
    #expect(floor == 16 * 3 * 0x1p-24)
  }

  @Test func whatIsNotFiniteIsInfinitelyFar() throws {
    for (eager, compiled): ([Float], [Float]) in [
      ([.nan, 1], [2, 1]), ([2, 1], [2, .infinity]), ([2], [2, 1]), ([2, 1], []),
    ] {
      let entry = try entry(
        .init(reference: [2, 1], perturbed: [[2, 1]], eager: eager, compiled: compiled))
      #expect(entry.distance == .infinity, "\(eager) \(compiled)")
    }
    // A reference that is not finite allows nothing more.
    let entry = try entry(
      .init(reference: [2], perturbed: [[.infinity]], eager: [2.5], compiled: [2]))
    #expect(entry.eager == 0.25 && entry.bound < 1e-3)
  }
}
