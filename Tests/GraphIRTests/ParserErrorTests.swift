import GraphIR
import TestSupport
import Testing

/// What the parser refuses, with the place; and that it never traps.
@Suite struct ParserErrorTests {
  static let wrong: [(body: String, error: String)] = [
    ("%0 = exp %1 : f32[]", "2:10: %1 is not defined above"),
    ("%0 = exq : f32[]", "2:6: unknown op 'exq'"),
    ("%0 = batch_size", "2:1: batch_size: has 1 results, and 1 names and 0 types are written"),
    ("%0 = batch_size : f32[2]", "2:6: batch_size: result 0 has type f32[], and f32[2] is written"),
    ("%0, %0 = batch_size : f32[]", "2:5: %0 is defined twice"),
    ("%0 = input @x : f32[]", "2:6: input: expected $name"),
    ("%0 = input $x : f64[]", "2:17: unknown element type 'f64'"),
    ("%0 = input $x : f32[B, B]", "2:17: f32[B, B] has 2 batch axes"),
    ("%0 = input $x : f32[0]", "2:17: f32[0] has an axis of size 0"),
    ("%0 = input $x : f32[-1]", "2:17: f32[-1] has an axis of size -1"),
    ("%0 = input $x : f32[1.5]", "2:21: expected a whole number, found '1.5'"),
    (
      "%0 = input $x : f32[99999999999999999999]",
      "2:21: expected a whole number, found '99999999999999999999'"
    ),
    (
      "%0 = input $x : f32[9999999999, 9999999999]",
      "2:17: f32[9999999999, 9999999999] has too many elements"
    ),
    ("%0 = input $ : f32[]", "2:12: a name must follow '$'"),
    ("%0 = input $\"x : f32[]", "2:13: the name is not closed on its line"),
    (
      "%0 = input $\"\\q\" : f32[]",
      "2:14: unknown escape; known are \\\" \\\\ \\n \\r \\t \\u{HEX}"
    ),
    (
      "%0 = input $\"\\u{d800}\" : f32[]",
      "2:14: the escape must read \\u{HEX} and name a Unicode scalar"
    ),
    ("%0 = constant 1e999 : f32[]", "2:15: '1e999' is not a number in range"),
    ("%0 = constant 1.2.3 : f32[]", "2:15: '1.2.3' is not a number in range"),
    ("%0 = constant -x : f32[]", "2:15: '-' must be followed by a number"),
    ("%0 = constant 0.5 : i32[]", "2:6: constant: 0.5 is not a value of i32"),
    ("%0 = parameter @w : f32[]", "2:6: parameter: @w is not declared"),
    ("parameter @w : f32[] = zeros(1)", "2:24: unknown initializer 'zeros'"),
    (
      "parameter @w : f32[] = uniform(1) parameter @w : f32[] = uniform(1)",
      "2:45: @w is declared twice"
    ),
    ("%0 = random {stream = 0, stream = 1} : f32[]", "2:26: attribute 'stream' is there twice"),
    ("%0 = random : f32[]", "2:6: random: attribute 'stream' is missing"),
    ("%0 = random {stream} : f32[]", "2:14: random: attribute 'stream' takes a whole number"),
    ("%0 = random {stream = 0, axis = 1} : f32[]", "2:26: random: has no attribute 'axis'"),
    ("%0 = batch_size : f32[] return 1 = %0", "2:32: expected the name of an output, found '1'"),
    ("%0 = batch_size : f32[] return a = %0, a = %0", "2:40: output: the name a is taken"),
    ("update @w, %0", "2:12: %0 is not defined above"),
    ("%0 = batch_size : f32[] update @w, %0", "2:25: update: @w is not declared"),
    ("%0 = batch_size : f32[] %1 = update @w, %0 : f32[]", "2:30: update: @w is not declared"),
    (
      "%0 = input $x : f32[B, 4] %1 = matmul %0, %0 : f32[B, 4]",
      "2:32: matmul: operand 1 (%0) has type f32[B, 4], expected f32[4, *]"
    ),
    (
      "%0 = input $x : f32[B] %1 = chain %0 {program = \"over B; t0 = foo x0; y = t0\"} : f32[B]",
      "2:29: chain: 't0 = foo x0' is not a step 't0 = OP INPUT …' or a result 'y = tN'"
    ),
    (
      "%0 = input $x : f32[B] %1 = chain %0 {program = \"around B\"} : f32[B]",
      "2:29: chain: 'around B' is not 'over' and the sizes of the loop"
    ),
    (
      "%0 = input $x : f32[B] %1 = chain %0 {program = \"over B; t0 = add x0 q; y = t0\"} : f32[B]",
      "2:29: chain: 't0 = add x0 q' is not a step 't0 = OP INPUT …' or a result 'y = tN'"
    ),
    (
      "%0 = embeddings {tables = [9, 4], features = [0], pooling = \"sum mean\"} : f32[B, 4]",
      "2:6: embeddings: needs a pooling for each feature: concat, sum or mean"
    ),
    (
      "%0 = embeddings {tables = [9, 4], features = [0], pooling = \"most\"} : f32[B, 4]",
      "2:6: embeddings: needs a pooling for each feature: concat, sum or mean"
    ),
    (
      "%0 = input $x : f32[] %1 = add %0, $x : f32[]",
      "2:36: expected a value such as %0, found '$x'"
    ),
    ("%0 = input $x : f32[] %1 = input $x : f32[]", "2:23: input: is read a second time"),
    ("%0 = input $x : f32[] %1 = exp $x : f32[]", "2:28: exp: operands are values such as %0"),
    ("größe", "2:3: unexpected character 'ö' (U+f6)"),
    ("%ä = 1", "2:1: a value's name must follow '%'"),
    ("} x", "2:3: expected the end of the text, found 'x'"),
    ("= 3", "2:1: expected a node, 'parameter', 'return' or '}', found '='"),
    (
      "%0 = linear {activation = gelu} : f32[]",
      "2:14: linear: attribute 'activation' takes one of relu, sigmoid, tanh"
    ),
  ]

  @Test(arguments: wrong)
  func refuses(body: String, error expected: String) {
    let error = #expect(throws: ParseError.self) { try Graph(parsing: "graph @g {\n\(body)\n}") }
    #expect(error?.description == expected)
  }

  @Test func placesCountScalars() {
    let error = #expect(throws: ParseError.self) {
      try Graph(parsing: "graph @g {\n  // Größe\n  %0 = input $\"日本\" : x[]\n}")
    }
    #expect(error?.line == 3)
    #expect(error?.column == 22)
  }

  @Test func truncationIsRefusedEverywhere() throws {
    let text = try RandomGraph(seed: 2, steps: 4, usesRandom: true).graph.text
    let end = text.utf8.count - 2  // Without the closing brace it is not a graph.
    for length in stride(from: 0, to: end, by: 7) {
      let part = String(decoding: text.utf8.prefix(length), as: UTF8.self)
      #expect(throws: ParseError.self) { try Graph(parsing: part) }
    }
  }

  /// Mutated texts are read or refused; what is read is valid and prints as something that reads.
  @Test(arguments: 0..<12)
  func mutatedTextNeverTraps(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed))
    let opCase = OpSuite.cases[Int.random(in: 0..<OpSuite.cases.count, using: &generator)]
    let fused = OpSuite.fused[seed % OpSuite.fused.count]
    let texts = try [
      RandomGraph(seed: UInt64(seed), steps: 3, usesRandom: true).graph.text, opCase.graph().text,
      fused.graph().text,
    ]
    let pieces = [
      "B", "f32[", "]", "{", "}", "%0", "%1", "@p0", "$numeric", "\"", "\\", "-1", "0", "1e308",
      "9223372036854775807", "-9223372036854775808", "1099511627776", "axis = 0", ", ", " = ",
      "inf", "nan", "groups = 2", "activation_columns = [0, 1]", "picks = [0, 1]", "t0", "x1",
      "axes 0",
      "1048576", "matmul", "concat", "reshape",
      "bool", "\n", "//", "\u{1F600}", "\\u{110000}",
    ].map { Array($0.utf8) }
    for round in 0..<150 {
      var bytes = Array(texts[round % 3].utf8)
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 0...6, using: &generator))
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
        default:
          bytes.replaceSubrange(place..<end, with: pieces.randomElement(using: &generator) ?? [])
        }
        if bytes.isEmpty { bytes = [0] }
      }
      guard let graph = try? Graph(parsing: String(decoding: bytes, as: UTF8.self)) else {
        continue
      }
      #expect(
        graph.verify().allSatisfy {
          $0.message.contains("not trainable") || $0.message.contains("stream")
        })
      #expect(try Graph(parsing: graph.text).text == graph.text)
    }
  }
}
