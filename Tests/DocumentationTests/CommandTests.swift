import Testing

/// Commands of the documents use one build, so that whoever follows several of them builds once.
@Suite struct CommandTests {
  @Test(arguments: Repository.documents)
  func swiftCommandsUseTheOneBuild(_ path: String) throws {
    for command in try Document(path).commands {
      guard let verb = command.firstMatch(of: #/\bswift (build|test|run)\b/#)?.1 else { continue }
      #expect(command.contains("-c release"), "\(path): another build: \(command)")
      if verb == "test" {
        #expect(
          command.contains("--disable-testable-imports"), "\(path): another build: \(command)")
      }
    }
  }

  /// `swift test --filter X` of a test target that is not there passes without a test.
  @Test(arguments: Repository.documents)
  func filtersNameTests(_ path: String) throws {
    for command in try Document(path).commands where command.contains("swift test") {
      for match in command.matches(of: #/--filter ([A-Za-z]+)/#) {
        let name = String(match.1)
        let isKnown =
          Repository.exists("Tests/\(name)") || Repository.tests.contains(name)
          || Repository.files.contains { $0.hasPrefix("Tests/") && $0.hasSuffix("/\(name).swift") }
        #expect(isKnown, "\(path): no test is \(name)")
      }
    }
  }
}
