import Foundation
import TestSupport
import Testing

/// The short form of each campaign, by the program beside the test bundle.
@Suite(.serialized) struct CampaignTests {
  private func run(_ arguments: [String]) throws -> (code: Int32, output: String) {
    let program = try #require(
      (CommandLine.arguments + Bundle.allBundles.map(\.bundlePath)).lazy
        .filter { $0.hasPrefix("/") }
        .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        .flatMap { [$0, $0.deletingLastPathComponent()] }
        .map { $0.appendingPathComponent("campaign") }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) },
      "the program campaign is not beside the test bundle")
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  /// A campaign finds nothing, and does try.
  private func expectNoFault(
    _ name: String, cases: Int, ends: [String], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let (code, output) = try run([name, "--cases", "\(cases)", "--workers", "2"])
    print(output, terminator: "")
    #expect(code == 0, "\(output)", sourceLocation: location)
    for end in ends { #expect(output.contains(end), "\(output)", sourceLocation: location) }
  }

  @Test func plans() throws {
    try expectNoFault(
      "plans", cases: 600, ends: ["refused: invalid", "refused: damaged", "valid, run"])
  }

  @Test func inputs() throws {
    try expectNoFault(
      "inputs", cases: 3_000,
      ends: [
        "csv: read", "csv: refused", "csv: read without damaged records", "slots: refused",
        "libsvm: read", "dense: read", "npy: refused", "images: refused", "spec: refused",
        "special files: refused",
      ])
  }

  /// Whether system calls can be made to fail here.
  private static let hasStrace: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["strace", "-o", "/dev/null", "true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test(
    .enabled(if: Self.hasStrace, "strace is not installed, or may not trace here"),
    .disabled(if: Sanitizer.isPresent, "limits of files and memory are too low for a sanitizer"))
  func faults() throws { try expectNoFault("faults", cases: 40, ends: ["exit 0"]) }

  @Test func kills() throws { try expectNoFault("kills", cases: 6, ends: ["kills: "]) }

  @Test func specs() throws {
    try expectNoFault("specs", cases: 40, ends: ["mmoe", "maml"])
  }

  @Test func unknownCampaignsAreRefused() throws {
    let (code, output) = try run(["nothing"])
    #expect(code == 2)
    #expect(output.contains("campaign NAME") && output.contains("plans"))
  }
}
