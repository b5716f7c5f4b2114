/// Memory for the kernels' argument structs and arrays: fixed addresses, freed together.
final class ArgumentStore {
  private var allocations: [UnsafeMutableRawPointer] = []

  deinit {
    for allocation in allocations { allocation.deallocate() }
  }

  /// A copy of a value of a C type at an address that stays.
  func make<T: BitwiseCopyable>(_ value: T) -> UnsafeMutablePointer<T> { make([value]) }

  /// Columns, rows or counts, as kernels read them.
  func numbers(_ values: [Int]) -> UnsafePointer<Int64> {
    UnsafePointer(make(values.map { Int64($0) }))
  }

  /// A copy of the values, one after the other.
  func make<T: BitwiseCopyable>(_ values: [T]) -> UnsafeMutablePointer<T> {
    let bytes = max(1, values.count) * MemoryLayout<T>.stride
    // Whole cache lines, so that no two structs share one.
    let raw = UnsafeMutableRawPointer.allocate(byteCount: (bytes + 63) & ~63, alignment: 64)
    allocations.append(raw)
    let typed = raw.bindMemory(to: T.self, capacity: max(1, values.count))
    typed.initialize(from: values, count: values.count)
    return typed
  }
}
