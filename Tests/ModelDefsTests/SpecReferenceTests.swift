import Foundation
import ModelDefs
import Schema
import TestSupport
import Testing

@Suite struct SpecReferenceTests {
  @Test func describesEveryKeyOfATopic() throws {
    let text = try #require(SpecReference.text(topic: "training.optimizer.sgd"))
    let kinds = Optimizer.Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
    #expect(
      text == """
        training.optimizer of type "sgd"
          Stochastic gradient descent.
          type: \(kinds); default "adam"
              Which optimizer it is.
          learning_rate: a number greater than 0; default 0.01
              The step size.
          momentum: a number at least 0 and less than 1; default 0
              The share of the last step that is taken again.

        """)
  }

  @Test func theTablesNameEveryOptimizer() throws {
    let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")
    func expect(_ file: String, names kinds: [String]) throws {
      let text = try String(contentsOf: docs.appending(path: file), encoding: .utf8)
      for kind in kinds { #expect(text.contains("\n| `\(kind)` | "), "\(file): \(kind)") }
    }
    try expect("training.md", names: Optimizer.Kind.allCases.map(\.rawValue))
    try expect("data.md", names: SparseOptimizer.Kind.allCases.map(\.rawValue))
  }

  /// Kinds, defaults, ranges and documentation of all keys. `MTLC_UPDATE_GOLDEN=1` writes them anew.
  @Test func theReferenceIsAsItWas() throws {
    let difference = try GoldenText.difference(
      SpecReference.text, from: "ModelDefsTests/Golden/spec-reference.txt")
    #expect(difference == nil)
  }

  /// A topic is its own sections and those below it, not those whose names start alike.
  @Test func aTopicEndsAtItsName() throws {
    #expect(SpecReference.text(topic: "train") == nil)
    #expect(SpecReference.text(topic: "model.mm") == nil)
    let mmoe = try #require(SpecReference.text(topic: "model.mmoe"))
    #expect(mmoe.contains("model of type \"mmoe\"") && !mmoe.contains("model of type \"mmoe_v2\""))
    let model = try #require(SpecReference.text(topic: "model"))
    #expect(model.contains("model of type \"mmoe_v2\""))
  }

  @Test func everyTopicHasAText() {
    for topic in SpecReference.topics {
      #expect(SpecReference.text(topic: topic)?.isEmpty == false, "\(topic)")
    }
    for topic in ["data", "features", "features.id", "model", "model.mmoe", "training"] {
      #expect(SpecReference.topics.contains(topic))
    }
    #expect(SpecReference.text(topic: "nonsense") == nil)
  }

  @Test func theWholeHoldsEveryModel() {
    for model in ModelRegistry.models {
      #expect(SpecReference.text.contains("model of type \"\(model.type)\""))
    }
  }

  @Test func linesStayShort() {
    for line in SpecReference.text.split(separator: "\n") {
      #expect(line.count <= 90, "\(line)")
    }
  }
}
