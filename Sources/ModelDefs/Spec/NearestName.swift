/// The name nearest to a misspelt one: the smallest number of inserted, removed, replaced or
/// swapped letters, and few enough for a slip.
package func nearestName(to text: String, among names: [String]) -> String? {
  let letters = Array(text.lowercased().prefix(80).utf8)
  var best: (name: String, distance: Int)?
  for name in names {
    let distance = editDistance(letters, Array(name.lowercased().utf8))
    if distance < best?.distance ?? Int.max { best = (name, distance) }
  }
  guard let best, best.distance <= max(1, min(letters.count, best.name.utf8.count) / 3) else {
    // A name that contains the text, or the reverse, is a likely wish too: "rate", "learning_rate".
    guard text.utf8.count >= 3 else { return nil }
    let related = names.filter { $0.contains(text.lowercased()) }
    return related.count == 1 ? related.first : nil
  }
  return best.name
}

/// `did you mean "x"?`, or the list of what there is.
package func suggestion(for text: String, among names: [String]) -> String {
  if let nearest = nearestName(to: text, among: names) {
    return "did you mean \(quoted(nearest))?"
  }
  return "known: \(names.joined(separator: ", "))"
}

/// Optimal string alignment distance.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var older: [Int] = []
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1]
    current.reserveCapacity(b.count + 1)
    for j in 0..<b.count {
      var distance = min(
        previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
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
