import Schema
import Testing

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("epoch", "epochs"), ("EPOCHS", "epochs"), ("hihg", "high"), ("onehot", "one_hot"),
    ("rate", "learning_rate"), ("Rate", "learning_rate"), ("lerning_rate", "learning_rate"),
  ])
  func slips(_ name: String, _ meant: String) {
    let known = ["epochs", "high", "one_hot", "learning_rate", "x"]
    #expect(NearestName.nearest(name, in: known) == meant)
  }

  @Test func noGuessWithoutLikeness() {
    #expect(NearestName.nearest("momentum", in: ["epochs", "high"]) == nil)
    #expect(NearestName.nearest("y", in: ["x"]) == nil)
    #expect(NearestName.nearest("", in: ["x"]) == nil)
    #expect(NearestName.nearest("x", in: []) == nil)
    // Two names contain it.
    #expect(NearestName.nearest("rate", in: ["learning_rate", "decay_rate"]) == nil)
  }

  @Test func aSwapIsOneEdit() {
    #expect(NearestName.nearest("abdc", in: ["abcd"]) == "abcd")
    #expect(NearestName.nearest("badc", in: ["abcd"]) == nil)
  }

  @Test func secondsOfADuration() {
    #expect(Duration.milliseconds(1500).seconds == 1.5)
    #expect(Duration.seconds(-2).seconds == -2)
  }
}
