import Schema
import Transport

/// Scores that several workers have, each of its share of the rows.
extension EvaluationScores {
  /// The scores of all workers, in the order of their numbers. All of them call it.
  func gathered(_ workers: any Transport) throws(TransportError) -> EvaluationScores {
    let counts = try workers.gather(
      [Int64(rows)] + kept.map { Int64($0.count) },
      counts: Array(repeating: 1 + kept.count, count: workers.count))
    /// Of each worker the number of rows that count for a task, or with −1 of all.
    func rowCounts(_ task: Int) -> [Int] {
      (0..<workers.count).map { Int(counts[$0 * (1 + kept.count) + 1 + task]) }
    }
    var all = self
    all.rows = rowCounts(-1).reduce(0, +)
    for (task, own) in kept.enumerated() {
      let rows = rowCounts(task)
      all.kept[task].predictions = try workers.gather(
        own.predictions, counts: rows.map { $0 * own.width })
      all.kept[task].labels = try workers.gather(own.labels, counts: rows)
      if let groups = own.groups {
        all.kept[task].groups = try workers.gather(groups, counts: rows)
      }
    }
    return all
  }
}

extension Transport {
  /// The elements of all workers, in the order of their numbers.
  ///
  /// - Parameter counts: Of the elements of each.
  func gather<Element: BitwiseCopyable>(
    _ own: [Element], counts: [Int]
  ) throws(TransportError) -> [Element] {
    let size = MemoryLayout<Element>.stride
    var failure: TransportError?
    let all = [Element](unsafeUninitializedCapacity: counts.reduce(0, +)) { buffer, count in
      own.withUnsafeBytes { bytes in
        do throws(TransportError) {
          try allgather(
            bytes, into: UnsafeMutableRawBufferPointer(buffer), counts: counts.map { $0 * size })
          count = counts.reduce(0, +)
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
    return all
  }
}
