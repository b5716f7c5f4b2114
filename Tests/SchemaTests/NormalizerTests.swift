import Schema
import Testing

@Suite struct NormalizerTests {
  /// A zero in the data is named as one, whatever the mean and the deviation that scaled it.
  @Test(arguments: [(0.37, 2.1), (1234.5, 0.003), (-17.25, 1.0 / 3)], [false, true])
  func theInverseOfAScaledZeroIsZero(_ by: (offset: Double, scale: Double), logarithm: Bool) {
    let normalizer = Normalizer(logarithm: logarithm, offset: by.offset, scale: by.scale)
    #expect(normalizer.inverse(Float(-by.offset * by.scale)) == 0)
  }

  @Test func theInverseFindsTheNumber() {
    let normalizer = Normalizer(offset: 3, scale: 0.25)
    #expect(normalizer.inverse(Float((11.0 - 3) * 0.25)) == 11)
    let logarithmic = Normalizer(logarithm: true, offset: 0.5, scale: 2)
    #expect(abs(logarithmic.inverse(Float((1 - 0.5) * 2)) - 1.718_281_828) < 1e-6)
    #expect(abs(logarithmic.inverse(Float((-1 - 0.5) * 2)) + 1.718_281_828) < 1e-6)
    #expect(Normalizer(offset: 5, scale: 0).inverse(7) == 5)
  }
}
