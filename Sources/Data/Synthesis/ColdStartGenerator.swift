import Schema

/// A table of clicks of users whose tastes cannot be seen from their features, only from what they
/// clicked: the cold start, where adaptation to a user's first rows helps. The true probabilities
/// are known.
///
/// An offer has a category and two properties, `price` and `novelty`, each standard normal. User u
/// clicks with probability σ(popularity[category] + a·price + b·novelty), where the taste (a, b) is
/// drawn for each user from a normal distribution of deviation 2 and mean 0. Test users are others
/// than training users.
package struct ColdStartGenerator: Sendable {
  package var seed: UInt64
  package var trainingUsers: Int
  package var testUsers: Int
  package var rowsPerUser: Int

  package init(
    seed: UInt64 = 2026, trainingUsers: Int = 2000, testUsers: Int = 500, rowsPerUser: Int = 30
  ) {
    self.seed = seed
    self.trainingUsers = trainingUsers
    self.testUsers = testUsers
    self.rowsPerUser = rowsPerUser
  }

  package static let task = "click"
  private static let categories = 12
  private static let cities = 5

  /// Writes both files.
  /// - Parameters:
  ///   - supportRows: How many first rows of each user an evaluation adapts on.
  ///   - queryRows: How many rows after those it predicts.
  /// - Returns: The AUC of the true probabilities on the test users' query rows.
  /// - Throws: `FileError`.
  package func write(
    train: String, test: String, supportRows: Int, queryRows: Int
  ) throws -> BestAUC {
    _ = try write(train, users: 0..<trainingUsers, skipped: 0, counted: 0)
    return try write(
      test, users: trainingUsers..<trainingUsers + testUsers, skipped: supportRows,
      counted: queryRows)
  }

  private func write(
    _ path: String, users: Range<Int>, skipped: Int, counted: Int
  ) throws -> BestAUC {
    var popularity = SplitMix64(seed: seed, stream: 1)
    let popular = (0..<Self.categories).map { _ in popularity.normal() }
    let writer = CSVWriter(try AtomicFile(path))
    try writer.header(["user_id", "city", "category", "price", "novelty", Self.task])
    var probabilities: [Double] = []
    var labels: [Bool] = []
    for user in users {
      var random = SplitMix64(seed: seed, stream: UInt64(user) + 2)
      let (a, b) = (2 * random.normal(), 2 * random.normal())
      let city = random.below(Self.cities)
      for row in 0..<rowsPerUser {
        let category = random.below(Self.categories)
        let (price, novelty) = (rounded(random.normal()), rounded(random.normal()))
        let probability = PortableMath.sigmoid(popular[category] + a * price + b * novelty)
        let clicked = random.uniform() < probability
        writer.field("u\(user)")
        writer.field("city\(city)")
        writer.field("c\(category)")
        writer.field(price)
        writer.field(novelty)
        writer.field(clicked ? 1 : 0)
        try writer.endRow()
        if row >= skipped, row < skipped + counted {
          probabilities.append(probability)
          labels.append(clicked)
        }
      }
    }
    try writer.finish()
    return BestAUC(
      task: Self.task, auc: areaUnderCurve(probabilities, labels),
      baseRate: labels.isEmpty ? .nan : Double(labels.count { $0 }) / Double(labels.count))
  }

  /// To three decimals, as the file has it.
  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
