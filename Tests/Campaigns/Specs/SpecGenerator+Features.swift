import Foundation

/// The less usual features of a random spec: lists of numbers, times, and ids of several columns.
extension SpecGenerator {
  mutating func makeVector(_ name: String) {
    let dim = 1 + random.below(5)
    columns.append(
      (
        name,
        (0..<rowCount).map { _ in
          random.isOne(in: 15)
            ? "" : (0..<dim).map { _ in number(-1, 1) }.joined(separator: "|")
        }
      ))
    features.append("{ name: \"\(name)\", type: \"vector\", dim: \(dim), separator: \"|\" }")
  }

  mutating func makeTime(_ name: String) {
    columns.append(
      (
        name,
        (0..<rowCount).map { _ in
          random.isOne(in: 15)
            ? ""
            : String(
              format: "20%02d-%02d-%02d %02d:%02d:00", 10 + random.below(20), 1 + random.below(12),
              1 + random.below(28), random.below(24), random.below(60))
        }
      ))
    let all = ["year", "month", "day", "week", "weekday", "weekend", "hour", "minute", "days"]
    let parts = all.filter { _ in random.isOne(in: 4) } + [random.pick(["hour"])]
    let list = Set(parts).sorted().map { "\"\($0)\"" }.joined(separator: ", ")
    let encoding = random.isOne(in: 3) ? "encoding: \"one_hot\"" : "embedding_dim: \(dim())"
    features.append(
      "{ name: \"\(name)\", type: \"datetime\", parts: [\(list)], \(encoding) }")
  }

  mutating func makeCross(_ name: String) {
    let words = vocabulary(2 + random.below(5))
    for suffix in ["a", "b"] {
      columns.append(
        (name + suffix, (0..<rowCount).map { _ in random.isOne(in: 15) ? "" : random.pick(words) }))
    }
    var keys = "name: \"\(name)\", type: \"cross\", of: [\"\(name)a\", \"\(name)b\"]"
    keys += ", hash_bucket_size: \(1 + random.below(40))"
    if random.isOne(in: 3) {
      keys += ", encoding: \"one_hot\""
    } else {
      let dim = dim()
      keys += ", embedding_dim: \(dim)"
      embeddings.append((name, dim, false))
    }
    features.append("{ \(keys) }")
  }
}
