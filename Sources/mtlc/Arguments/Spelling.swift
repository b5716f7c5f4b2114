/// Guesses what a misspelt word was meant to be.
enum Spelling {
  /// The nearest name, if it is near enough for a slip.
  static func nearest(_ word: String, _ names: [String]) -> String? {
    let letters = Array(word.lowercased().prefix(60))
    let scored = names.map { ($0, distance(letters, Array($0.lowercased()))) }
    guard let best = scored.min(by: { $0.1 < $1.1 }) else { return nil }
    return best.1 <= max(1, letters.count / 3) ? best.0 : nil
  }

  /// Letters to insert, remove, replace or swap with their neighbour.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var older: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(last[j] + (a[i] == b[j] ? 0 : 1), row[j] + 1, last[j + 1] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, older[j - 1] + 1) }
        row.append(least)
      }
      older = last
      last = row
    }
    return last[b.count]
  }
}
