/// The candidate with the smallest edit distance to `name`, ignoring case, if it is near enough
/// to be a likely misspelling.
package func nearestName(to name: String, among candidates: [String]) -> String? {
  let wanted = Array(name.lowercased().utf8.prefix(64))
  var best: (name: String, distance: Int)?
  for candidate in candidates.prefix(10_000) {
    let distance = editDistance(wanted, Array(candidate.lowercased().utf8.prefix(64)))
    if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
  }
  // Of a name with one letter nothing is left after one edit.
  guard let best, best.distance < wanted.count, best.distance <= max(1, wanted.count / 3) else {
    return nil
  }
  return best.name
}

/// Levenshtein distance with adjacent transpositions counted as one edit.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var older = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1] + [Int](repeating: 0, count: b.count)
    for j in 0..<b.count {
      let substitution = previous[j] + (a[i] == b[j] ? 0 : 1)
      current[j + 1] = min(substitution, previous[j + 1] + 1, current[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        current[j + 1] = min(current[j + 1], older[j - 1] + 1)
      }
    }
    older = previous
    previous = current
  }
  return previous[b.count]
}
