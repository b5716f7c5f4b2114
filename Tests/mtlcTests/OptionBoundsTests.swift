import Testing

/// The numbers that options take: the least and the most are taken, what lies beyond is refused before
/// any file is read.
@Suite struct OptionBoundsTests {
  /// A call without its spec file, so that an option that is taken ends with "no such file".
  private static let cases: [(command: [String], taken: [String], refused: [String])] = [
    (
      ["compare", "absent.json5", "--steps"], ["1", "1000000"], ["0", "1000001", "-1", "1.5", ""]
    ),
    (["compare", "absent.json5", "--tolerance"], ["0", "1e-9"], ["-1e-9", "nan", "x"]),
    (["compare", "absent.json5", "--threads"], ["1", "1024"], ["0", "1025"]),
    (["bench", "absent.json5", "--seconds"], ["1", "3600"], ["0", "3601"]),
    (
      ["bench", "absent.json5", "--batch"], ["1", "10000000", "32,256"],
      ["0", "10000001", "", "32,", "32,,256", "32;256"]
    ),
    (
      ["train", "absent.json5", "--seed"], ["0", "9223372036854775807"],
      ["-1", "9223372036854775808"]
    ),
    (["check", "absent.json5", "--rows"], ["1"], ["0", "-1"]),
    (["data", "head", "absent.json5", "--rows"], ["1"], ["0"]),
  ]

  @Test func boundsAreTaken() throws {
    let bench = try Workbench(empty: ())
    for (command, taken, refused) in Self.cases {
      for value in taken {
        let outcome = try bench.run(command + [value])
        #expect(
          outcome.code == 3 && outcome.errors.contains("absent.json5"),
          "\(command) \(value): \(outcome.code) \(outcome.errors)")
      }
      for value in refused {
        try bench.expectFailure(2, command + [value], says: ["\(command.last ?? "") \(value)"])
      }
    }
  }

  @Test func boundsOfASample() throws {
    let bench = try Workbench(empty: ())
    try bench.expect(0, ["sample", "a", "--rows", "1", "--test-rows", "1", "--seed", "0"])
    for name in ["train.csv", "test.csv"] {
      #expect(try bench.text("a/\(name)").split(separator: "\n").count == 2)
    }
    for words in [
      ["--rows", "0"], ["--rows", "100000001"], ["--test-rows", "0"],
      ["--test-rows", "100000001"], ["--seed", "-1"],
    ] {
      try bench.expect(2, ["sample", "b"] + words, says: words)
    }
  }
}
