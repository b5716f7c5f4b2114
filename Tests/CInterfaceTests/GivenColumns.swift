import CMtlc

/// Columns in memory that C functions read.
final class GivenColumns {
  private(set) var columns: [mtlc_column] = []
  private var owned: [UnsafeMutableRawPointer] = []

  deinit {
    for memory in owned { memory.deallocate() }
  }

  private func keep<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
    let memory = UnsafeMutablePointer<T>.allocate(capacity: max(1, values.count))
    memory.initialize(from: values, count: values.count)
    owned.append(UnsafeMutableRawPointer(memory))
    return memory
  }

  private func add(
    _ column: Int, _ type: Int, _ values: UnsafeRawPointer?, _ count: Int,
    missing: [Bool]? = nil, offsets: [Int]? = nil, weights: [Double]? = nil,
    lengths: UnsafePointer<Int>? = nil
  ) {
    var given = mtlc_column()
    given.size = MemoryLayout<mtlc_column>.size
    given.column = column
    given.type = UInt32(type)
    given.values = values
    given.count = count
    given.lengths = lengths
    given.missing = missing.map {
      UnsafePointer(keep($0.enumerated().map { $1 ? UInt8($0 % 255 + 1) : 0 }))
    }
    given.offsets = offsets.map { UnsafePointer(keep($0)) }
    given.weights = weights.map { UnsafePointer(keep($0)) }
    columns.append(given)
  }

  func missing(_ column: Int) { add(column, Int(MTLC_MISSING), nil, 0) }

  func numbers(
    _ column: Int, _ values: [Double], missing: [Bool]? = nil, offsets: [Int]? = nil
  ) {
    add(column, Int(MTLC_NUMBERS), keep(values), values.count, missing: missing, offsets: offsets)
  }

  func integers(
    _ column: Int, _ values: [Int64], missing: [Bool]? = nil, offsets: [Int]? = nil
  ) {
    add(column, Int(MTLC_INTEGERS), keep(values), values.count, missing: missing, offsets: offsets)
  }

  /// - Parameter terminated: Whether texts end with a zero byte, and no lengths are given.
  func texts(
    _ column: Int, _ values: [String?], offsets: [Int]? = nil, weights: [Double]? = nil,
    terminated: Bool = false
  ) {
    // Without a zero byte the byte behind a text is one that would change it.
    let texts = values.map { text -> UnsafePointer<CChar>? in
      text.map {
        UnsafePointer(keep($0.utf8.map { CChar(bitPattern: $0) } + [terminated ? 0 : 57]))
      }
    }
    let lengths = terminated ? nil : UnsafePointer(keep(values.map { $0?.utf8.count ?? 0 }))
    add(
      column, Int(MTLC_TEXTS), keep(texts), values.count, offsets: offsets, weights: weights,
      lengths: lengths)
  }

  /// Replaces a field of a column, for a call that is to fail.
  func change(_ column: Int, _ body: (inout mtlc_column) -> Void) { body(&columns[column]) }
}

/// A plan of C, freed at the end.
final class CPlan {
  let plan: OpaquePointer

  init(_ path: String) throws {
    var plan: OpaquePointer?
    try CError.check(mtlc_plan_open(path, &plan))
    self.plan = plan!
  }

  deinit { mtlc_plan_free(plan) }

  var outputs: Int { mtlc_plan_output_count(plan) }

  func column(_ name: String) throws -> Int {
    var column = 0
    try CError.check(mtlc_plan_find_column(plan, name, &column))
    return column
  }

  func predictor() throws -> CPredictor { try CPredictor(self) }
}

/// A predictor of C, freed at the end.
final class CPredictor {
  let predictor: OpaquePointer
  private let outputs: Int

  init(_ plan: CPlan) throws {
    var predictor: OpaquePointer?
    try CError.check(mtlc_predictor_create(plan.plan, &predictor))
    self.predictor = predictor!
    outputs = plan.outputs
  }

  deinit { mtlc_predictor_free(predictor) }

  func predict(_ given: GivenColumns, rows: Int) throws -> [Float] {
    var predictions = [Float](repeating: -1, count: rows * outputs)
    try CError.check(
      mtlc_predict_columns(
        predictor, given.columns, given.columns.count, rows, &predictions, predictions.count))
    return predictions
  }

  func predict(text: String, rows: Int) throws -> [Float] {
    var predictions = [Float](repeating: -1, count: rows * outputs)
    var found = 0
    try CError.check(
      mtlc_predict_text(
        predictor, text, text.utf8.count, &predictions, predictions.count, &found))
    return Array(predictions[..<(found * outputs)])
  }
}

/// What a C function said.
struct CError: Error {
  var code: Int
  var message: String

  static func check(_ code: Int32) throws {
    if code != MTLC_OK { throw CError(code: Int(code), message: String(cString: mtlc_error())) }
  }
}
