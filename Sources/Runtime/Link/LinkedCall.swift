/// One kernel call with its arguments resolved.
struct LinkedCall {
  var kernel: Kernel
  var arguments: UnsafeMutableRawPointer
  /// The instruction of the program that it comes from.
  var instruction: Int
  /// Calls of one level do not depend on each other.
  var level: Int
  /// Estimated nanoseconds of a run: fixed, and for each row.
  var fixedCost: Double
  var rowCost: Double
}

/// An extent that depends on the rows of the run: `*target = rows * times`.
struct ExtentPatch {
  var target: UnsafeMutablePointer<Int64>
  var times: Int64
}
