import Testing

/// `mtlc convert` through the real binary.
@Suite struct ConvertToolTests {
  @Test func aPlanOfThePresentVersionStaysAsItIs() throws {
    let bench = try Workbench()
    try bench.expect(0, ["train", "spec.json5", "-q", "-o", "out"])
    try bench.expect(
      0, ["convert", "out/plan.bin", "-o", "new.bin"], says: ["wrote new.bin (format version"])
    #expect(try bench.bytes("new.bin") == bench.bytes("out/plan.bin"))
    try bench.expect(0, ["convert", "new.bin", "-o", "new.bin", "-q"])
    #expect(try bench.bytes("new.bin") == bench.bytes("out/plan.bin"))
    // One that was not trained too.
    try bench.expect(0, ["compile", "spec.json5", "-q", "-o", "compiled.bin"])
    try bench.expect(0, ["convert", "compiled.bin", "-o", "same.bin"])
    #expect(try bench.bytes("same.bin") == bench.bytes("compiled.bin"))
  }

  @Test func otherVersionsAndDamageAreTold() throws {
    let bench = try Workbench()
    try bench.expect(0, ["compile", "spec.json5", "-q", "-o", "plan.bin"])
    try bench.expectFailure(2, ["convert", "plan.bin"], says: ["-o FILE is missing"])
    var bytes = try bench.bytes("plan.bin")
    bytes[bytes.count / 2] ^= 1
    try bench.write(bytes, to: "damaged.bin")
    try bench.expectFailure(6, ["convert", "damaged.bin", "-o", "x"], says: ["damaged plan"])
    // The head of a plan of version 3, which no program of today reads.
    bytes = Array(bytes[..<8]) + [3, 0, 0, 0] + [UInt8](repeating: 0, count: 64)
    try bench.write(bytes, to: "old.bin")
    try bench.expectFailure(
      6, ["convert", "old.bin", "-o", "x"],
      says: ["plan of format version 3", "compile the spec again"])
    #expect(!bench.files.contains("x"))
  }
}
