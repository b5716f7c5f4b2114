import Schema
import Testing

/// Bytes that end too early, or hold numbers that nothing fits.
@Suite struct ByteReaderTests {
  private func reader(_ bytes: [UInt8]) -> ByteReader { ByteReader(bytes, range: 0..<bytes.count) }

  @Test func aSliceLiesInsideTheRest() throws {
    var all = reader([1, 2, 3, 4])
    #expect(try all.byte() == 1)
    var part = try all.slice(2)
    #expect(part.remaining == 2 && all.remaining == 1)
    #expect(try part.byte() == 2 && part.byte() == 3)
    #expect(throws: DamagedBytes.self) { try part.byte() }
    var rest = all
    #expect(try rest.slice(1).remaining == 1)
    let error = #expect(throws: DamagedBytes.self) { try all.slice(2) }
    #expect(error?.description == "a section is cut off at byte 3")
    #expect(throws: DamagedBytes.self) { try all.slice(.max) }
    #expect(try all.byte() == 4)
  }

  @Test func numbersAreLittleEndian() throws {
    var numbers = reader([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    #expect(try numbers.fixed64() == 0x0807_0605_0403_0201)
    #expect(try numbers.fixed32() == 0x0C0B_0A09)
    #expect(throws: DamagedBytes.self) { try numbers.fixed32() }
    var short = reader([1, 2, 3])
    #expect(throws: DamagedBytes.self) { try short.fixed32() }
  }

  @Test func lengthsOfSevenBitsAByte() throws {
    for number in [0, 1, 127, 128, 300, UInt64(UInt32.max), .max - 1, .max] {
      var writer = ByteWriter()
      writer.varint(number)
      var back = reader(writer.bytes)
      #expect(try back.varint() == number && back.remaining == 0)
    }
    // Eleven bytes, and ten whose last holds more than one bit.
    for bytes in [[UInt8](repeating: 0x80, count: 11), [UInt8](repeating: 0xFF, count: 9) + [2]] {
      var long = reader(bytes)
      #expect(throws: DamagedBytes.self) { try long.varint() }
    }
  }
}
