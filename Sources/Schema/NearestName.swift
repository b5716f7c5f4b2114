/// Finds the known name that a misspelt one was meant to be, for "did you mean" in messages.
package enum NearestName {
  /// The candidate with the smallest edit distance to `name`, ignoring case, if at most a third
  /// of the shorter name's bytes, and at least one, is edited. Otherwise the only candidate that
  /// contains `name`, as `learning_rate` contains `rate`.
  ///
  /// Compares the first 64 bytes of the first 10,000 candidates.
  package static func nearest(_ name: String, in candidates: [String]) -> String? {
    let wanted = Array(name.lowercased().utf8.prefix(64))
    let known = candidates.prefix(10_000)
    var best: (name: String, length: Int, distance: Int)?
    for candidate in known {
      let letters = Array(candidate.lowercased().utf8.prefix(64))
      let distance = editDistance(wanted, letters)
      if distance < best?.distance ?? Int.max { best = (candidate, letters.count, distance) }
    }
    // Of a name with one letter nothing is left after one edit.
    if let best, best.distance < wanted.count,
      best.distance <= max(1, min(wanted.count, best.length) / 3)
    {
      return best.name
    }
    guard wanted.count >= 3 else { return nil }
    let longer = known.filter { $0.lowercased().contains(name.lowercased()) }
    return longer.count == 1 ? longer.first : nil
  }

  /// The number of bytes to insert, remove, replace or swap with their neighbour, each byte
  /// edited once (optimal string alignment).
  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var older: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var current = [i + 1]
      current.reserveCapacity(b.count + 1)
      for j in 0..<b.count {
        let substitution = previous[j] + (a[i] == b[j] ? 0 : 1)
        var distance = min(substitution, previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          distance = min(distance, older[j - 1] + 1)
        }
        current.append(distance)
      }
      older = previous
      previous = current
    }
    return previous[b.count]
  }
}
