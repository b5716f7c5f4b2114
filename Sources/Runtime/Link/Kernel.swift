import CKernels

/// The C functions that a call is linked to: how many tiles the work that the arguments describe is
/// cut into, and the work on tiles [first, last).
struct Kernel: Sendable {
  typealias Count = @convention(c) (UnsafeRawPointer) -> Int64
  typealias Run = @convention(c) (UnsafeRawPointer, Int64, Int64) -> Void

  let count: Count
  let run: Run

  func tiles(_ arguments: UnsafeRawPointer) -> Int { Int(count(arguments)) }

  /// All tiles.
  func run(_ arguments: UnsafeRawPointer) { run(arguments, 0, count(arguments)) }
}

/// A kernel with the type of its arguments. Each family has its constant where it is linked.
struct KernelFamily<Arguments>: Sendable {
  let kernel: Kernel

  init(_ tiles: Kernel.Count, _ run: Kernel.Run) { kernel = Kernel(count: tiles, run: run) }
}

extension UnsafeRawPointer {
  /// The arguments of a kernel by their type.
  @inline(__always)
  func typed<Arguments>() -> UnsafePointer<Arguments> {
    assumingMemoryBound(to: Arguments.self)
  }
}
