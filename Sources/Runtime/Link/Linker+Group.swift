import CKernels
import Plan

/// Sums, maxima and sums over pairs within groups of rows.
extension Linker {
  mutating func link(_ i: GroupInstruction) throws(LinkError) {
    let x = try matrix(i.input, "input")
    let y = try matrix(i.output, writes: true, "output")
    try check(y.rows, x.rows, "output, rows")
    try check(y.columns, x.columns, "output, columns")
    guard case .fixed(let columns) = x.columns else { throw fault("columns \(x.columns)") }
    var args = mtlc_group_args()
    args.kind = i.kind.kernelConstant
    args.cols = Int64(columns)
    (args.x, args.ldx) = x.source
    (args.groups, args.ld_groups) = try groups(i.groups, of: x.rows)
    (args.y, args.ldy) = y.target
    add(groupKernel, args, (\.rows, x.rows))
  }

  mutating func link(_ i: GroupPairsInstruction) throws(LinkError) {
    let factors = try column(i.factors, of: nil, "factors")
    let rows = factors.rows
    var args = mtlc_group_pairs_args()
    args.function = i.function.kernelConstant
    args.side = i.side.kernelConstant
    (args.factors, args.ld_factors) = factors.source
    (args.scores, args.ld_scores) = try column(i.scores, of: rows, "scores").source
    (args.labels, args.ld_labels) = try column(i.labels, of: rows, "labels").source
    (args.groups, args.ld_groups) = try groups(i.groups, of: rows)
    (args.out, args.ld_out) = try column(i.output, of: rows, writes: true, "output").target
    add(groupPairsKernel, args, (\.rows, rows))
  }

  /// A matrix of one column, and of that many rows where they are known.
  private func column(
    _ view: View, of rows: Extent?, writes: Bool = false, _ what: String
  ) throws(LinkError) -> Matrix {
    let column = try matrix(view, writes: writes, what)
    try check(column.columns, .fixed(1), "\(what), columns")
    if let rows { try check(column.rows, rows, "\(what), rows") }
    return column
  }

  private func groups(
    _ view: View, of rows: Extent
  ) throws(LinkError) -> (UnsafePointer<Int32>?, Int64) {
    let groups = try ids(view, "groups")
    try check(groups.rows, rows, "groups, rows")
    guard groups.length == 2 else { throw fault("groups: \(groups.length) numbers a row") }
    return (UnsafePointer(groups.pointer), Int64(groups.stride))
  }
}

private let groupKernel = KernelFamily<mtlc_group_args>(
  { mtlc_group_tiles($0.typed()) }, { mtlc_group_run($0.typed(), $1, $2) })
private let groupPairsKernel = KernelFamily<mtlc_group_pairs_args>(
  { mtlc_group_pairs_tiles($0.typed()) }, { mtlc_group_pairs_run($0.typed(), $1, $2) })
