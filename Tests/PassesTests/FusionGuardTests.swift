import GraphIR
import Passes
import Testing

/// What looks like a pattern that a pass fuses, but for one value: it stays as it is.
@Suite struct FusionGuardTests {
  /// A product times y·(1 − z): the derivative of a sigmoid where z is y.
  private func factor(_ z: String) throws -> String {
    let graph = try Graph(
      parsing: """
        graph @factor {
          parameter @w : f32[3, 2] = normal(0.05)
          %x = input $x : f32[B, 3]
          %y = input $y : f32[B, 2]
          %z = input $z : f32[B, 2]
          %w = parameter @w : f32[3, 2]
          %m = matmul %x, %w : f32[B, 2]
          %one = constant 1 : f32[]
          %rest = sub %one, \(z) : f32[B, 2]
          %slope = mul %y, %rest : f32[B, 2]
          %g = mul %m, %slope : f32[B, 2]
          return g = %g, z = %z
        }
        """)
    return try Pipeline([FuseLinear(), EliminateDeadCode()]).run(graph).text
  }

  @Test func aSlopeIsThatOfOneValue() throws {
    #expect(try factor("%y").contains("gradient_of = sigmoid"))
    #expect(!(try factor("%z").contains("gradient_of")))
  }

  /// Two halves of a product, each with an activation: one product where they are the same.
  private func halves(_ first: String, _ second: String, end: Int = 4) throws -> String {
    let graph = try Graph(
      parsing: """
        graph @halves {
          parameter @w : f32[3, 4] = normal(0.05)
          %x = input $x : f32[B, 3]
          %w = parameter @w : f32[3, 4]
          %m = matmul %x, %w : f32[B, 4]
          %a = slice %m {axis = 1, start = 0, end = 2} : f32[B, 2]
          %b = slice %m {axis = 1, start = \(end - 2), end = \(end)} : f32[B, 2]
          %ya = \(first) %a : f32[B, 2]
          %yb = \(second) %b : f32[B, 2]
          return a = %ya, b = %yb
        }
        """)
    return try Pipeline([FuseLinear(), EliminateDeadCode()]).run(graph).text
  }

  @Test func columnsOfOneActivationAreActivatedTogether() throws {
    #expect(try halves("relu", "relu").contains("activation = relu"))
    #expect(!(try halves("relu", "tanh").contains("activation =")))
    // Columns 1 and 2 are in both, or column 2 in neither.
    #expect(!(try halves("relu", "relu", end: 3).contains("activation =")))
  }

  /// The gradient of a mixture of two experts that are sigmoids, each half times a slope.
  private func gradient(
    first: String = "%ya", second: String = "%yb", start: Int = 2, more: String = "",
    isSwapped: Bool = false
  ) throws -> Bool {
    let graph = try Graph(
      parsing: """
        graph @gradient {
          %a = input $a : f32[B, 2]
          %b = input $b : f32[B, 2]
          %w = input $w : f32[B, 2]
          %dy = input $dy : f32[B, 2]
          %ya = sigmoid %a : f32[B, 2]
          %yb = sigmoid %b : f32[B, 2]
          %e = concat %ya, %yb {axis = 1} : f32[B, 4]
          %de, %dl = mixture_gradient %e, %w, %dy {width = 2, gate_sizes = [2], picks = [0, 1]} : f32[B, 4], f32[B, 2]
          %sa = slice %de {axis = 1, start = 0, end = 2} : f32[B, 2]
          %sb = slice %de {axis = 1, start = \(start), end = \(start + 2)} : f32[B, 2]
          %one = constant 1 : f32[]
          %ra = sub %one, \(first) : f32[B, 2]
          %rb = sub %one, \(second) : f32[B, 2]
          %da = mul \(first), %ra : f32[B, 2]
          %db = mul \(second), %rb : f32[B, 2]
          %ga = mul \(isSwapped ? "%da, %sa" : "%sa, %da") : f32[B, 2]
          %gb = mul %sb, %db : f32[B, 2]
          return a = %ga, b = %gb, l = %dl\(more)
        }
        """)
    return try Pipeline([FuseLinear(), EliminateDeadCode()]).run(graph).text
      .contains("gradient_of = sigmoid")
  }

  @Test func aMixtureTakesTheSlopesOfAllItsExperts() throws {
    #expect(try gradient() && gradient(isSwapped: true))
    // The slope of another expert, one part twice, or somebody who reads the gradient without it.
    #expect(!(try gradient(first: "%yb", second: "%ya")))
    #expect(!(try gradient(first: "%yb")))
    #expect(!(try gradient(start: 0)))
    #expect(!(try gradient(start: 1)))
    for more in [", e = %de", ", s = %sa", ", s = %sb"] {
      #expect(!(try gradient(more: more)), "\(more)")
    }
  }

  /// Vectors and matrices added to a product of one-hot columns: it takes one of each in.
  @Test(arguments: [["%b"], ["%b", "%c"], ["%y"], ["%y", "%z"], ["%y", "%b", "%z", "%c"]])
  func aProductTakesOneBiasAndOneAddend(added: [String]) throws {
    var body = ""
    var value = "%m"
    for (k, other) in added.enumerated() {
      body += "  %s\(k) = add \(value), \(other) : f32[B, 3]\n"
      value = "%s\(k)"
    }
    for product in [
      "one_hot_linear %w, %i, %j {rows = 9, features = [0, 4, 4, 5]}", "matmul %x, %w",
    ] {
      let graph = try Graph(
        parsing: """
          graph @sums {
            parameter @w : f32[9, 3] = uniform(0.5)
            parameter @b : f32[3] = uniform(0.5)
            parameter @c : f32[3] = uniform(0.5)
            %i = input $i : i32[B]
            %j = input $j : i32[B]
            %columns = one_hot %i {depth = 4} : f32[B, 4]
            %x = input $x : f32[B, 9]
            %y = input $y : f32[B, 3]
            %z = input $z : f32[B, 3]
            %w = parameter @w : f32[9, 3]
            %b = parameter @b : f32[3]
            %c = parameter @c : f32[3]
            %m = \(product) : f32[B, 3]
          \(body)  return m = \(value), columns = %columns
          }
          """)
      let fused = try Pipeline([FuseLinear(), EliminateDeadCode()]).run(graph)
      let run = GraphRun(feeding: graph)
      #expect(try differences(run.results(of: graph), run.results(of: fused)) == [])
      // Each kind takes the first in; what is left are additions.
      let left = max(0, added.count - Set(added.map { "yz".contains($0.dropFirst()) }).count)
      #expect(fused.nodes.count { $0.op == .elementwise(.binary(.add)) } == left, "\(fused.text)")
    }
  }

  /// A sum over a sequence's rows divided by how many ids it has, or by a number at least `least`.
  private func mean(least: String) throws -> String {
    let graph = try Graph(
      parsing: """
        graph @mean {
          parameter @item : f32[9, 4] = normal(0.05)
          %seq = input $ids.history : i32[B, 6]
          %item = parameter @item : f32[9, 4]
          %rows = gather %item, %seq : f32[B, 6, 4]
          %there = is_present %seq : bool[B, 6]
          %there_f = convert %there : f32[B, 6]
          %count = reduce_sum %there_f {axes = [1], keep_axes} : f32[B, 1]
          %least = constant \(least) : f32[]
          %div = max %count, %least : f32[B, 1]
          %total = reduce_sum %rows {axes = [1]} : f32[B, 4]
          %ratio = div %total, %div : f32[B, 4]
          return ratio = %ratio
        }
        """)
    return try Pipeline([FuseEmbeddings(), EliminateDeadCode()]).run(graph).text
  }

  @Test func aMeanDividesByTheNumberOfItsIds() throws {
    for least in ["1", "0.000001"] { #expect(try mean(least: least).contains("pooling = mean")) }
    // With one id it would be divided by more than one; with none, by nothing.
    for least in ["2", "1.5", "0", "-1"] {
      #expect(!(try mean(least: least).contains("pooling = mean")), "\(least)")
    }
  }

  /// Two experts times a column of weights each, summed; `second` is the weight of the second one.
  private func gate(second: String, isRepeated: Bool = false) throws -> String {
    let graph = try Graph(
      parsing: """
        graph @gate {
          %x = input $x : f32[B, 6]
          %p = input $p : f32[B, 2]
          %q = input $q : f32[B, 2]
          %e0 = slice %x {axis = 1, start = 0, end = 3} : f32[B, 3]
          %e1 = slice %x {axis = 1, start = 3, end = 6} : f32[B, 3]
          %w = softmax %p : f32[B, 2]
          %v = softmax %q : f32[B, 2]
          %w0 = slice %w {axis = 1, start = 0, end = 1} : f32[B, 1]
          %w1 = slice %w {axis = 1, start = 1, end = 2} : f32[B, 1]
          %v1 = slice %v {axis = 1, start = 1, end = 2} : f32[B, 1]
          %t0 = mul %e0, %w0 : f32[B, 3]
          %t1 = mul %e1, \(second) : f32[B, 3]
          %sum = add %t0, %t1 : f32[B, 3]
          %e2 = slice %x {axis = 1, start = 1, end = 4} : f32[B, 3]
          %t2 = mul %e2, %w0 : f32[B, 3]
          %three = add %sum, %t2 : f32[B, 3]
          return out = \(isRepeated ? "%three" : "%sum"), v = %v1, w = %w1
        }
        """)
    return try Pipeline([FuseGates(), EliminateDeadCode()]).run(graph).text
  }

  @Test func aGateHasEachWeightOfOneSoftmaxOnce() throws {
    #expect(try gate(second: "%w1").contains("mixture"))
    #expect(!(try gate(second: "%v1").contains("mixture")))
    #expect(!(try gate(second: "%w0").contains("mixture")))
    #expect(!(try gate(second: "%w1", isRepeated: true).contains("mixture")))
  }
}
