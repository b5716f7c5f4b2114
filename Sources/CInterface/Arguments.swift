import CMtlc
import Experiments

/// Checks of the arguments of C functions.
enum Arguments {
  static func error(_ message: String) -> ExperimentError { ExperimentError(.argument, message) }

  /// An argument that must not be null, and lies where values of its type can.
  @inline(__always)
  static func require<Pointee>(
    _ pointer: UnsafePointer<Pointee>?, _ name: StaticString
  ) throws(ExperimentError) -> UnsafePointer<Pointee> {
    try requireAligned(UnsafeRawPointer(pointer), MemoryLayout<Pointee>.alignment, name)
      .assumingMemoryBound(to: Pointee.self)
  }

  @inline(__always)
  static func require<Pointee>(
    _ pointer: UnsafeMutablePointer<Pointee>?, _ name: StaticString
  ) throws(ExperimentError) -> UnsafeMutablePointer<Pointee> {
    UnsafeMutablePointer(mutating: try require(UnsafePointer(pointer), name))
  }

  /// The same for one that may be null.
  @inline(__always)
  static func optional<Pointee>(
    _ pointer: UnsafePointer<Pointee>?, _ name: StaticString
  ) throws(ExperimentError) -> UnsafePointer<Pointee>? {
    pointer == nil ? nil : try require(pointer, name)
  }

  /// An array of values, whose type another argument says.
  @inline(__always)
  static func values<Pointee>(
    _ pointer: UnsafeRawPointer?, as type: Pointee.Type, _ name: StaticString
  ) throws(ExperimentError) -> UnsafePointer<Pointee> {
    try requireAligned(pointer, MemoryLayout<Pointee>.alignment, name)
      .assumingMemoryBound(to: type)
  }

  @inline(__always)
  private static func requireAligned(
    _ pointer: UnsafeRawPointer?, _ alignment: Int, _ name: StaticString
  ) throws(ExperimentError) -> UnsafeRawPointer {
    guard let pointer else { throw error("\(name) is null") }
    guard Int(bitPattern: pointer) & (alignment - 1) == 0 else {
      throw error("\(name) is not aligned to \(alignment) bytes")
    }
    return pointer
  }

  /// The object behind a handle.
  @inline(__always)
  static func object<Object: AnyObject>(
    _ handle: OpaquePointer?, _ name: StaticString
  ) throws(ExperimentError) -> Object {
    guard let handle else { throw error("\(name) is null") }
    return Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
  }

  /// A handle of an object, which keeps it until it is freed.
  static func handle(_ object: some AnyObject) -> OpaquePointer {
    OpaquePointer(Unmanaged.passRetained(object).toOpaque())
  }

  /// Throws where results do not fit: `rows` times `width` values into `capacity`.
  @inline(__always)
  static func requireRoom(_ rows: Int, width: Int, capacity: Int) throws(ExperimentError) {
    guard rows >= 0, rows <= Int(Int32.max) else {
      throw error("there are \(UInt(bitPattern: rows)) rows, more than \(Int32.max)")
    }
    let (needed, overflow) = rows.multipliedReportingOverflow(by: width)
    guard !overflow, UInt(bitPattern: needed) <= UInt(bitPattern: capacity) else {
      throw error(
        "predictions has room for \(UInt(bitPattern: capacity)) values, \(rows) rows have"
          + " \(width) each")
    }
  }
}
