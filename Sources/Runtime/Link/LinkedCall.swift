/// One kernel call with its arguments resolved.
struct LinkedCall {
  var kernel: Kernel
  var arguments: UnsafeMutableRawPointer
  /// The instruction of the program that it comes from.
  var instruction: Int
  /// Calls of one level do not depend on each other.
  var level: Int
  /// The level by which it must be done; the one after its own, except for work that nothing in the
  /// levels between waits for.
  var deadline: Int
  /// Which half of the threads keeps what it works on in their caches: 1 or 2, 0 for any.
  var half: Int
  /// What part of it this worker runs; nil for all.
  var share: UnsafePointer<WorkerShare>?
  /// Estimated nanoseconds of a run: fixed, and for each row.
  var fixedCost: Double
  var rowCost: Double

  /// Estimated nanoseconds of a run with so many rows.
  func estimate(rows: Int) -> Double {
    max(1, (fixedCost + rowCost * Double(rows)) / Double(share?.pointee.count ?? 1))
  }

  /// The tiles that this worker runs.
  func tiles() -> Range<Int> {
    let all = kernel.tiles(arguments)
    return share?.pointee.tiles(of: all) ?? 0..<all
  }
}

/// An extent that depends on the rows of the run: `*target = rows * times`.
struct ExtentPatch {
  var target: UnsafeMutablePointer<Int64>
  var times: Int64
}
