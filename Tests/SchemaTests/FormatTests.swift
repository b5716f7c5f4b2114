import Schema
import Testing

/// Numbers as people read them, at the places where the form changes.
@Suite struct FormatTests {
  @Test func countsAreGroupedByThousands() {
    #expect(
      [0, 999, 1000, 1_234_567, -12_345].map { Format.count($0) } == [
        "0", "999", "1,000", "1,234,567", "-12,345",
      ])
    #expect(Format.count(Int.min) == "-9,223,372,036,854,775,808")
    #expect(Format.count(1, "epoch") == "1 epoch")
    #expect(Format.count(0, "epoch") == "0 epochs")
    #expect(Format.count(2500, "step") == "2,500 steps")
  }

  @Test func largeNumbersAreShortened() {
    #expect(
      [7.4, 999, 1000, 99_949, 100_000, 412_300].map(Format.short) == [
        "7", "999", "1.0k", "99.9k", "100k", "412k",
      ])
    #expect(
      [1_000_000, 45_600_000, 1e9, 2.34e10].map(Format.short) == [
        "1.0M", "45.6M", "1.0G", "23.4G",
      ])
  }

  @Test func largeNumbersHaveExponents() {
    #expect(Format.fixed(0.12345, 4) == "0.1235")
    #expect(Format.fixed(-999_999_999_999, 2) == "-999999999999.00")
    #expect(Format.fixed(1e12, 4) == "1e+12")
    #expect(Format.fixed(-1.234567e24, 4) == "-1.23457e+24")
    #expect(Format.fixed(.greatestFiniteMagnitude, 4) == "1.79769e+308")
  }

  @Test func bytesHaveTheirUnits() {
    #expect(
      [0, 1023, 1024, 1536, 10 * 1024, 12_345].map(Format.bytes) == [
        "0 B", "1023 B", "1.0 KiB", "1.5 KiB", "10 KiB", "12 KiB",
      ])
    #expect(
      [1 << 20, 5 << 29, 1 << 40, 1 << 50, Int.max].map(Format.bytes) == [
        "1.0 MiB", "2.5 GiB", "1.0 TiB", "1.0 PiB", "8.0 EiB",
      ])
  }

  @Test func timesCarryOver() {
    #expect(
      [0, 7.4, 59.6, 61, 3599, 3600, 3723, 86_400].map(Format.time) == [
        "0:00", "0:07", "1:00", "1:01", "59:59", "1:00:00", "1:02:03", "24:00:00",
      ])
    #expect([Double.nan, .infinity, 1e9].map(Format.time) == ["?", "?", "?"])
  }

  @Test func decimals() {
    #expect(Format.fixed(0.12345, 4) == "0.1235" || Format.fixed(0.12345, 4) == "0.1234")
    #expect(Format.fixed(2, 0) == "2" && Format.fixed(-1.25, 1) == "-1.2")
    #expect(Format.fixed(.nan, 2) == "nan" && Format.fixed(-.infinity, 2) == "-inf")
    #expect(Format.scientific(0) == "0" && Format.scientific(0.000123) == "1.2e-04")
    #expect(Format.percent(0.1234) == "12.3 %" && Format.percent(1) == "100.0 %")
    #expect(Format.plain(1_234_567) == "1.23457e+06" && Format.plain(0.5) == "0.5")
  }
}
