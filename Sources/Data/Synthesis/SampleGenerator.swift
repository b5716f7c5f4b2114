import Schema

/// Writes the project's own sample: an advertising log of a shop with the tasks `click` and
/// `purchase`, whose true probabilities are known. The same seed gives the same bytes everywhere.
package struct SampleGenerator: Sendable {
  package var seed: UInt64

  package init(seed: UInt64 = 2026) { self.seed = seed }

  /// The sample's columns, in order.
  package static let columns = [
    "click", "purchase", "user_id", "age", "gender", "city", "member", "device", "hour", "weekday",
    "position", "item_id", "category", "price", "discount", "past_purchases",
    "category_views", "history",
  ]

  /// Writes both files (each appears whole or not at all) and returns for each task the best AUC
  /// that the test file allows. Throws `FileError`.
  package func write(
    train: String, test: String, trainRows: Int = 100_000, testRows: Int = 10_000
  ) throws -> [BestAUC] {
    let world = SampleWorld(seed: seed)
    _ = try writeRows(trainRows, of: world, stream: 3, to: train)
    return try writeRows(testRows, of: world, stream: 4, to: test)
  }

  private func writeRows(
    _ count: Int, of world: SampleWorld, stream: UInt64, to path: String
  ) throws -> [BestAUC] {
    var random = SplitMix64(seed: seed, stream: stream)
    let writer = CSVWriter(try AtomicFile(path))
    try writer.header(Self.columns)
    var scores: (click: [Double], purchase: [Double]) = ([], [])
    var labels: (click: [Bool], purchase: [Bool]) = ([], [])
    for _ in 0..<max(0, count) {
      let row = world.impression(&random)
      let truth = world.truth(row)
      // One number decides both, so that a purchase is always a click.
      let chance = random.uniform()
      let click = chance < truth.click
      let purchase = chance < truth.purchase
      scores.click.append(truth.click)
      scores.purchase.append(truth.purchase)
      labels.click.append(click)
      labels.purchase.append(purchase)
      write(row, click, purchase, of: world, to: writer)
      try writer.endRow()
    }
    try writer.finish()
    return [
      BestAUC("click", scores.click, labels.click),
      BestAUC("purchase", scores.purchase, labels.purchase),
    ]
  }

  private func write(
    _ row: SampleWorld.Impression, _ click: Bool, _ purchase: Bool, of world: SampleWorld,
    to writer: CSVWriter
  ) {
    let user = world.users[row.user]
    let item = world.items[row.item]
    writer.field(click ? 1 : 0)
    writer.field(purchase ? 1 : 0)
    writer.field("u\(row.user)")
    writer.field(user.age.map(String.init) ?? "")
    writer.field(SampleWorld.genders[user.gender])
    writer.field(SampleWorld.cities[user.city])
    writer.field(SampleWorld.members[user.member])
    writer.field(SampleWorld.devices[user.device])
    writer.field(row.hour)
    writer.field(row.weekday)
    writer.field(row.position)
    writer.field("i\(row.item)")
    writer.field(SampleWorld.categories[item.category])
    let cents = item.price % 100
    writer.field("\(item.price / 100).\(cents < 10 ? "0" : "")\(cents)")
    writer.field(row.discount)
    writer.field(user.pastPurchases)
    writer.field(world.categoryViews(row))
    writer.field(row.history.map { SampleWorld.categories[$0] }.joined(separator: "|"))
  }
}
