import GraphIR
import TensorTypes
import Testing

/// Every refusal of the lexer and the parser with its place and words, and the odd forms that are
/// read.
@Suite struct ParserDetailTests {
  private func message(_ text: String) -> String {
    do { return try "read: \(Graph(parsing: text).text)" } catch { return "\(error)" }
  }

  private func expect(_ rows: [(body: String, error: String)]) {
    for (body, error) in rows {
      #expect(message("graph @g {\n\(body)\n}") == error, "\(body)")
    }
  }

  @Test func whatStandsAroundTheStatements() {
    let statement = "expected a node, 'parameter', 'return' or '}', found"
    #expect(message("") == "1:1: expected 'graph', found the end of the text")
    #expect(message("grap @g {}") == "1:1: expected 'graph', found 'grap'")
    #expect(message("graph g {}") == "1:7: expected the name @… of the graph, found 'g'")
    #expect(message("graph @g [}") == "1:10: expected '{', found '['")
    #expect(message("graph @g {") == "1:11: \(statement) the end of the text")
    #expect(message("graph @g {\n") == "2:1: \(statement) the end of the text")
    #expect(message("graph @g {}\n\n @h") == "3:2: expected the end of the text, found '@h'")
    #expect(message("graph @\"g") == "1:8: the name is not closed")
    #expect(message("graph @\"g\nh\" {}") == "1:8: the name is not closed on its line")
    expect([
      ("@x", "2:1: \(statement) '@x'"), ("$\"a b\"", "2:1: \(statement) '$\"a b\"'"),
      ("\"a b\"", "2:1: \(statement) '\"a b\"'"), ("\"ab\"", "2:1: \(statement) 'ab'"),
      ("-12", "2:1: \(statement) '-12'"), ("  [", "2:3: \(statement) '['"),
      ("return %x", "2:8: expected the name of an output, found '%x'"),
    ])
  }

  @Test func declarations() {
    expect([
      ("parameter w", "2:11: expected @name, found 'w'"),
      ("parameter @w f32[]", "2:14: expected ':', found 'f32'"),
      ("parameter @w : f32[] uniform(1)", "2:22: expected '=', found 'uniform'"),
      ("parameter @w : f32[] = 3", "2:24: expected constant, normal or uniform, found '3'"),
      ("parameter @w : f32[] = uniform 1", "2:32: expected '(', found '1'"),
      ("parameter @w : f32[] = uniform(x)", "2:32: expected a number, found 'x'"),
      ("parameter @w : f32[] = uniform(1", "3:1: expected ')', found '}'"),
      ("parameter @w : f32[3, 0] = uniform(1)", "2:16: f32[3, 0] has an axis of size 0"),
      ("parameter @w : f32[] = uniform(1) l2 2", "2:38: expected '(', found '2'"),
      ("parameter @w : f16[] = uniform(1)", "2:16: unknown element type 'f16'"),
      ("parameter @w : 3", "2:16: expected a type such as f32[B, 16], found '3'"),
      ("parameter @w : f32", "3:1: expected '[', found '}'"),
      ("parameter @w : f32[B", "3:1: expected ']', found '}'"),
      ("parameter @w : f32[B1]", "2:20: expected a whole number, found 'B1'"),
      ("return a", "3:1: expected '=', found '}'"),
      ("return a = 3", "2:12: expected a value such as %0, found '3'"),
      ("return a = %x", "2:12: %x is not defined above"),
    ])
  }

  @Test func nodes() {
    let one = "%0 = batch_size : f32[]"
    expect([
      ("%0 = 3", "2:6: expected the name of an op, found '3'"),
      ("%0 batch_size", "2:4: expected '=', found 'batch_size'"),
      ("%0, x = batch_size", "2:5: expected a value such as %0, found 'x'"),
      ("%0 = batch_size 3 : f32[]", "2:6: batch_size: takes no operands"),
      ("%0 = random @w {stream = 0} : f32[]", "2:6: random: takes no operands"),
      ("%0 = parameter $w : f32[]", "2:6: parameter: expected @name"),
      ("%0 = constant @w : f32[]", "2:6: constant: expected a number"),
      ("%0 = constant 1 : f32[], f32[]", "2:6: constant: needs one type after ':'"),
      ("%0 = constant 1", "2:6: constant: needs one type after ':'"),
      ("\(one) update %0", "2:25: update: expected @name"),
      ("\(one) assign %0", "2:25: assign: expected @name"),
      ("\(one) assign @w, %0", "2:25: assign: @w is not declared"),
      ("\(one) \(one)", "2:25: %0 is defined twice"),
      (
        "%0, %1 = batch_size : f32[]",
        "2:1: batch_size: has 1 results, and 2 names and 1 types are written"
      ),
      (
        "batch_size : f32[]", "2:1: batch_size: has 1 results, and 0 names and 1 types are written"
      ),
      (
        "%0 = batch_size : f32[], f32[]",
        "2:1: batch_size: has 1 results, and 1 names and 2 types are written"
      ),
    ])
  }

  @Test func attributes() {
    let sum = "%0 = batch_size : f32[] %1 = reduce_sum %0"
    expect([
      ("%0 = random {3}", "2:14: expected the name of an attribute, found '3'"),
      ("%0 = random {stream = 0", "2:6: random: needs one type after ':'"),
      ("%0 = random {stream = 0 :", "2:25: expected '}', found ':'"),
      ("%0 = random {stream = $x}", "2:23: expected a whole number, found '$x'"),
      (
        "%0 = random {stream = [1]} : f32[]",
        "2:14: random: attribute 'stream' takes a whole number"
      ),
      (
        "%0 = random {b = 1, stream = 0, a = 2} : f32[]", "2:14: random: has no attribute 'b'"
      ),
      (
        "\(sum) {axes = 1} : f32[]",
        "2:45: reduce_sum: attribute 'axes' takes a list of whole numbers"
      ),
      (
        "\(sum) {axes = [], keep_axes = 1} : f32[]",
        "2:56: reduce_sum: attribute 'keep_axes' takes no value"
      ),
      ("\(sum) {axes = [1.5]} : f32[]", "2:53: expected a whole number, found '1.5'"),
      ("\(sum) {axes = [1 2]} : f32[]", "2:55: expected ']', found '2'"),
      ("%0 = chain {program = 3}", "2:13: chain: attribute 'program' takes a text"),
      (
        "%0 = group_pairs {function = cubic, over = lower}",
        "2:19: group_pairs: attribute 'function' takes one of count, logistic, slope, curvature"
      ),
      (
        "%0 = group_pairs {function = slope, over = 1}",
        "2:37: group_pairs: attribute 'over' takes one of lower, higher"
      ),
      (
        "%0 = linear {activation_columns = [1]}",
        "2:6: linear: activation_columns are [start, end]"
      ),
      (
        "%0 = linear {activation_columns = [3, 1]}",
        "2:6: linear: activation_columns are [start, end]"
      ),
      ("%0 = linear {activation_columns = [1, 1]}", "2:6: linear: has 0 operands, expected 2"),
      (
        "%0 = one_hot_linear {rows = 5, features = [1, 2, 3]}",
        "2:6: one_hot_linear: features are pairs of numbers"
      ),
      (
        "%0 = conv2d_input_gradient {stride = 1, padding = 0, size = [3]}",
        "2:6: conv2d_input_gradient: attribute 'size' takes a height and a width"
      ),
      (
        "%0 = pool_scatter {window = 1, stride = 2, size = [3, 4, 5]}",
        "2:6: pool_scatter: attribute 'size' takes a height and a width"
      ),
      ("%0 = conv2d {stride = 1}", "2:6: conv2d: attribute 'padding' is missing"),
      ("%0 = pool_gather {stride = 1}", "2:6: pool_gather: attribute 'window' is missing"),
    ])
    for picks in ["[2, 1], picks = [0, 1]", "[1], picks = [0, 1]", "[-1, 1], picks = [0]"] {
      expect([
        (
          "%0 = mixture {width = 2, gate_sizes = \(picks)}",
          "2:6: mixture: gate_sizes and picks do not fit each other"
        )
      ])
    }
  }

  @Test func programsOfChains() {
    func chain(_ program: String) -> String {
      message("graph @g {\n%0 = chain {program = \"\(program)\"}\n}")
    }
    func step(_ part: String, _ number: Int) -> String {
      "2:6: chain: '\(part)' is not a step 't\(number) = OP INPUT …' or a result 'y = tN'"
    }
    let first = "over 3; t0 = exp 2;"
    #expect(
      chain("over C") == "2:6: chain: 'over C' is not 'over' and the sizes of the loop")
    #expect(chain("over 3; t1 = exp 2") == step("t1 = exp 2", 0))
    #expect(chain("over 3; t0 : exp 2") == step("t0 : exp 2", 0))
    #expect(chain("over 3; t0 =") == step("t0 =", 0))
    #expect(chain("over 3; t0 = add 2 x-1") == step("t0 = add 2 x-1", 0))
    #expect(chain("\(first) t0 = exp 3") == step("t0 = exp 3", 1))
    #expect(chain("\(first) y = x0") == step("y = x0", 1))
    #expect(chain("\(first) z = t0") == step("z = t0", 1))
    #expect(chain("\(first) y : t0") == step("y : t0", 1))
    #expect(chain("\(first) y = reduce_sum t0 0") == step("y = reduce_sum t0 0", 1))
    #expect(chain("\(first) y = sum t0 axes 0") == step("y = sum t0 axes 0", 1))
    #expect(
      chain("\(first) y = reduce_sum t0 axes a keep") == step("y = reduce_sum t0 axes a keep", 1))
    #expect(chain("\(first) ; y = t0") == step("", 1))
  }

  @Test func programsThatAreRead() throws {
    let graph = try Graph(
      parsing: """
        graph @g {
          %a = input $a : f32[B, 3]
          %b, %c, %d = chain %a {program =
            "over B 3; t0 = sub x0 -1.5; t1 = mul t0 t0; y = t1; y = reduce_max t0 axes 1 keep; \
        y = reduce_sum t1 axes 0"} : f32[B, 3], f32[B, 1], f32[3]
        }
        """)
    guard case .fused(.chain(let chain)) = graph.nodes[1].op else {
      Issue.record("no chain")
      return
    }
    #expect(
      chain
        == ElementwiseChain(
          shape: [.batch, 3],
          steps: [
            .init(.binary(.sub), [.operand(0), .constant(-1.5)]),
            .init(.binary(.mul), [.step(0), .step(0)]),
          ],
          results: [
            .init(step: 1),
            .init(step: 0, reduction: .init(.max, axes: [1], keepAxes: true)),
            .init(step: 1, reduction: .init(.sum, axes: [0])),
          ]))
  }

  @Test func numbersThatAreRead() {
    let numbers: [(String, String)] = [
      ("1e+5", "100000.0"), ("1E-2", "0.01"), ("-2.5e3", "-2500.0"), ("-inf", "-inf"),
      ("inf", "inf"), ("nan", "nan"), ("-0", "-0.0"), ("7", "7.0"),
    ]
    for (written, printed) in numbers {
      #expect(
        message("graph @g { %0 = constant \(written) : f32[] }")
          == "read: graph @g {\n  %0 = constant \(printed) : f32[]\n}\n", "\(written)")
    }
    expect([
      ("%0 = constant .5 : f32[]", "2:15: unexpected character '.' (U+2e)"),
      ("%0 = constant 1-2 : f32[]", "2:6: constant: needs one type after ':'"),
      ("%0 = constant -nan : f32[]", "2:15: '-' must be followed by a number"),
      ("%0 = constant 1/2 : f32[]", "2:16: unexpected character '/' (U+2f)"),
      ("%0 = constant 2x : f32[]", "2:15: '2x' is not a number in range"),
      ("%0 = constant - : f32[]", "2:15: '-' is not a number in range"),
      ("%0 = constant -1e999 : f32[]", "2:15: '-1e999' is not a number in range"),
      ("\u{0E}", "2:1: unexpected character '\u{0E}' (U+e)"),
    ])
  }

  @Test func namesThatAreRead() throws {
    let graph = try Graph(
      parsing: "graph\t@a/b-c//d {\n\r\u{0B}\u{0C}{ // no token\n"
        + "%x//y\n = input $\"\\u{41}\\n\\t\\r\\\\\\\"\\u{0001f600}\" : f32[B] }")
    #expect(graph.name == "a/b-c")
    #expect(graph.inputs.map(\.id.name) == ["A\n\t\r\\\"\u{1f600}"])
    expect([
      ("%0 = input $\"\\u{}\"", "2:14: the escape must read \\u{HEX} and name a Unicode scalar"),
      (
        "%0 = input $\"\\u{000000041}\"",
        "2:14: the escape must read \\u{HEX} and name a Unicode scalar"
      ),
      ("%0 = input $\"\\u41\"", "2:14: the escape must read \\u{HEX} and name a Unicode scalar"),
      ("% = input $x", "2:1: a value's name must follow '%'"),
      ("update @, %0", "2:8: a name must follow '@'"),
    ])
  }

  @Test func namesThatArePrinted() {
    let names: [(String, String)] = [
      ("a_B.9/-z", "a_B.9/-z"), ("-a", "-a"), ("9", "9"), ("a//b", "\"a//b\""), ("", "\"\""),
      ("a\u{1}\u{1f}\u{7f} ~é", "\"a\\u{1}\\u{1f}\\u{7f} ~é\""),
      ("\"\\\n\r\t", "\"\\\"\\\\\\n\\r\\t\""), ("a@", "\"a@\""),
    ]
    for (name, printed) in names {
      #expect(ParameterID(name).description == "@\(printed)")
      #expect(InputID(name).description == "$\(printed)")
    }
  }
}
