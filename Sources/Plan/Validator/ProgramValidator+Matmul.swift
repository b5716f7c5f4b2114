import TensorTypes

extension ProgramValidator {
  /// Rows and columns of one of the products of a group.
  private mutating func groupMatrix(
    _ view: View, _ groups: Int, _ role: String
  ) -> (rows: Extent, columns: Extent)? {
    switch view.extents.count {
    case 2 where groups == 1: return matrix(view, role)
    case 3 where view.extents[0] == .fixed(groups) && view.strides.count == 3:
      expectDenseRows(view, role)
      return (view.extents[1], view.extents[2])
    default:
      report("\(role): [\(text(view.extents))] is no matrix for each of \(groups) products")
      return nil
    }
  }

  private mutating func checkVector(_ view: View, _ groups: Int, _ columns: Extent, _ role: String)
  {
    expectDenseRows(view, role)
    if view.extents.count == 2 {
      expect(view.extents, [.fixed(groups), columns], role)
    } else if groups == 1 {
      expect(view.extents, [columns], role)
    } else {
      report("\(role): [\(text(view.extents))] for \(groups) products")
    }
  }

  mutating func check(_ matmul: MatmulInstruction) {
    guard matmul.groups >= 1 else { return report("matmul: \(matmul.groups) products") }
    let reads = [
      touch(matmul.a, .read, "matmul: a"), touch(matmul.b, .read, "matmul: b"),
      matmul.bias.flatMap { touch($0, .read, "matmul: bias") },
    ]
    guard let a = groupMatrix(matmul.a, matmul.groups, "matmul: a"),
      let b = groupMatrix(matmul.b, matmul.groups, "matmul: b")
    else { return }
    let (m, k) = matmul.transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (inner, n) = matmul.transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
    if k != inner { report("matmul: a has inner size \(k), b \(inner)") }

    func shape(_ view: View) -> [Extent] {
      view.extents.count == 3 ? [.fixed(matmul.groups), m, n] : [m, n]
    }
    var writes: [Region?] = []
    if let c = matmul.c {
      writes.append(touch(c, matmul.accumulate ? .readWrite : .write, "matmul: c"))
      if groupMatrix(c, matmul.groups, "matmul: c") != nil {
        expect(c.extents, shape(c), "matmul: c")
      }
    } else if matmul.update == nil {
      report("matmul: it stores nothing")
    }
    if let bias = matmul.bias { checkVector(bias, matmul.groups, n, "matmul: bias") }
    if let sums = matmul.columnSums {
      writes.append(touch(sums, .write, "matmul: column sums"))
      checkVector(sums, matmul.groups, n, "matmul: column sums")
    }
    if let update = matmul.update {
      writes.append(check(update, "matmul: update"))
      if groupMatrix(update.parameter, matmul.groups, "matmul: update") != nil {
        expect(update.parameter.extents, shape(update.parameter), "matmul: update")
      }
    }
    if let update = matmul.columnUpdate {
      writes.append(check(update, "matmul: column update"))
      checkVector(update.parameter, matmul.groups, n, "matmul: column update")
    }
    checkEpilogue(matmul, m, n)
    for (index, written) in writes.enumerated() {
      for read in reads { checkAlias(written, read, "matmul: its result") }
      for other in writes[(index + 1)...] { checkAlias(written, other, "matmul: its result") }
    }
  }

  private mutating func checkEpilogue(_ matmul: MatmulInstruction, _ m: Extent, _ n: Extent) {
    if matmul.gradientOf != nil {
      if let y = matmul.y {
        let region = touch(y, .read, "matmul: y")
        if groupMatrix(y, matmul.groups, "matmul: y") != nil {
          expect(
            y.extents, y.extents.count == 3 ? [.fixed(matmul.groups), m, n] : [m, n], "matmul: y")
        }
        if let c = matmul.c.flatMap({ resolve($0, "matmul: c") }) {
          checkAlias(c, region, "matmul: its result", inPlace: true)
        }
      } else {
        report("matmul: a gradient factor without y")
      }
    }
    if let columns = matmul.activationColumns {
      guard case .fixed(let limit) = n, columns.lowerBound >= 0, columns.upperBound <= limit else {
        return report("matmul: activation on columns \(columns) of \(n)")
      }
    }
  }

  private mutating func check(_ update: MatmulInstruction.FusedUpdate, _ role: String) -> Region? {
    if !update.l2.isFinite || update.l2 < 0 { report("\(role): its L2 factor") }
    let region = touch(update.parameter, .readWrite, role)
    if let region, region.space != .parameters { report("\(role): not a parameter") }
    return region
  }
}
