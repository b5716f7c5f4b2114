/// The made-up shop that the sample is drawn from: its users, its items, and how likely clicks and
/// purchases are.
///
/// Everything is drawn from the seed. Rows are impressions of an item to a user; a purchase needs
/// a click, so p(purchase) = p(click) · p(purchase | click).
struct SampleWorld {
  struct User {
    var age: Int?
    var gender: Int
    var city: Int
    var member: Int
    var device: Int
    var favourites: [Int]
    var pastPurchases: Int
    /// Inclination to click that no other column shows.
    var effect: Double
  }

  struct Item {
    var category: Int
    /// In hundredths.
    var price: Int
    /// How far the price is from what is usual in its category, in standard deviations.
    var priceDeviation: Double
    var effect: Double
  }

  struct Impression {
    var user: Int
    var item: Int
    var hour: Int
    var weekday: Int
    var position: Int
    /// In percent.
    var discount: Int
    var history: [Int]
  }

  static let genders = ["female", "male", "unknown"]
  static let members = ["none", "silver", "gold"]
  static let devices = ["android", "ios", "desktop", "tablet"]
  static let cities = [
    "Arlen", "Bregna", "Calder", "Dunmoor", "Eastvale", "Fairholt", "Granby", "Harrow", "Ironford",
    "Jarvis", "Kelso", "Lorne", "Marlow", "Norwick", "Oakham", "Penrith", "Quarry", "Redfern",
    "Selby", "Thornton",
  ]
  static let categories = [
    "fashion", "shoes", "phones", "computers", "home", "kitchen", "toys", "books", "beauty",
    "sports", "garden", "grocery",
  ]

  private(set) var users: [User] = []
  private(set) var items: [Item] = []
  private let userWeights: WeightedChoice
  private var itemsOfCategory: [[Int]]
  private let categoryWeights: WeightedChoice
  private let categoryEffect: [Double]
  private let ageSlope: [Double]
  private let genderEffect: [[Double]]
  private let cityEffect: [Double]
  private let deviceClick = [0.35, 0.15, -0.5, -0.1]
  private let deviceBuy = [-0.5, 0.1, 0.7, 0.0]
  private let memberBuy = [-0.4, 0.4, 1.1]
  private var clickBias = 0.0
  private var buyBias = 0.0

  static let clickRate = 0.2
  static let purchaseRate = 0.07

  init(seed: UInt64, users userCount: Int = 300, items itemCount: Int = 120) {
    var random = SplitMix64(seed: seed, stream: 1)
    let categoryCount = Self.categories.count
    func draw(_ count: Int, _ scale: Double) -> [Double] {
      (0..<count).map { _ in random.normal() * scale }
    }
    categoryEffect = draw(categoryCount, 0.6)
    ageSlope = draw(categoryCount, 0.5)
    genderEffect = [draw(categoryCount, 0.35), draw(categoryCount, 0.35), draw(categoryCount, 0)]
    cityEffect = draw(Self.cities.count, 0.3)
    let cityWeights = WeightedChoice((0..<Self.cities.count).map { 1 / Double($0 + 2) })
    let popularity = WeightedChoice((0..<categoryCount).map { 1 / Double($0 + 4) })
    categoryWeights = popularity
    userWeights = WeightedChoice((0..<userCount).map { 1 / Double($0 + 100) })
    let genders = WeightedChoice([0.47, 0.43, 0.1])
    let members = WeightedChoice([0.6, 0.27, 0.13])
    let devices = WeightedChoice([0.42, 0.33, 0.19, 0.06])
    for _ in 0..<userCount {
      let age = 18 + Int(52 * random.uniform() * (0.4 + 0.6 * random.uniform()))
      let hidesAge = random.uniform() < 0.05
      users.append(
        User(
          age: hidesAge ? nil : age, gender: genders.pick(&random),
          city: cityWeights.pick(&random), member: members.pick(&random),
          device: devices.pick(&random),
          favourites: (0..<3).map { _ in popularity.pick(&random) },
          pastPurchases: Int(9 * random.uniform() * random.uniform()),
          effect: 0.25 * random.normal()))
    }
    itemsOfCategory = Array(repeating: [], count: categoryCount)
    for number in 0..<itemCount {
      let category = number < categoryCount ? number : popularity.pick(&random)
      let deviation = random.normal()
      let usual = 2.2 + 0.25 * Double((category * 7) % 11)
      items.append(
        Item(
          category: category,
          price: max(99, Int((PortableMath.exp(usual + 0.5 * deviation) * 100).rounded())),
          priceDeviation: deviation, effect: 0.3 * random.normal()))
      itemsOfCategory[category].append(number)
    }
    calibrate(seed: seed)
  }

  /// Sets the biases so that the mean true probabilities are the rates wanted.
  private mutating func calibrate(seed: UInt64) {
    var random = SplitMix64(seed: seed, stream: 2)
    let pilot = (0..<4000).map { _ in impression(&random) }
    func solve(_ target: Double, _ mean: (Double) -> Double) -> Double {
      var low = -12.0
      var high = 12.0
      for _ in 0..<50 {
        let middle = (low + high) / 2
        if mean(middle) < target { low = middle } else { high = middle }
      }
      return (low + high) / 2
    }
    let clicks = pilot.map(clickScore)
    let buys = pilot.map(buyScore)
    let count = Double(pilot.count)
    clickBias = solve(Self.clickRate) { bias in
      clicks.reduce(0) { $0 + PortableMath.sigmoid($1 + bias) } / count
    }
    let shares = clicks.map { [clickBias] in PortableMath.sigmoid($0 + clickBias) }
    buyBias = solve(Self.purchaseRate) { bias in
      zip(shares, buys).reduce(0) { $0 + $1.0 * PortableMath.sigmoid($1.1 + bias) } / count
    }
  }

  func impression(_ random: inout SplitMix64) -> Impression {
    let user = userWeights.pick(&random)
    let favourites = users[user].favourites
    let length = random.below(9)
    let history = (0..<length).map { _ in
      random.uniform() < 0.6 ? favourites[random.below(3)] : categoryWeights.pick(&random)
    }
    // The shop already shows people what they like, some of the time.
    let category =
      random.uniform() < 0.35 ? favourites[random.below(3)] : categoryWeights.pick(&random)
    let choices = itemsOfCategory[category]
    let item = choices[min(random.below(choices.count), random.below(choices.count))]
    let hour = (8 + random.below(10) + random.below(8)) % 24
    return Impression(
      user: user, item: item, hour: hour, weekday: random.below(7), position: 1 + random.below(8),
      discount: random.uniform() < 0.6 ? 0 : 5 * (1 + random.below(8)), history: history)
  }

  /// The true probabilities of a click, and of a purchase.
  func truth(_ row: Impression) -> (click: Double, purchase: Double) {
    let click = PortableMath.sigmoid(clickScore(row) + clickBias)
    return (click, click * PortableMath.sigmoid(buyScore(row) + buyBias))
  }

  /// How many of the items that the user looked at before are of the item's category.
  func categoryViews(_ row: Impression) -> Int {
    let category = items[row.item].category
    return row.history.count { $0 == category }
  }

  private func clickScore(_ row: Impression) -> Double {
    let user = users[row.user]
    let item = items[row.item]
    let age = Double((user.age ?? 38) - 38) / 16
    var score = user.effect + item.effect + categoryEffect[item.category]
    score += 0.75 * Double(min(categoryViews(row), 4)) + ageSlope[item.category] * age
    score += genderEffect[user.gender][item.category] + cityEffect[user.city]
    score += deviceClick[user.device] - 0.25 * Double(row.position - 1)
    score += row.hour >= 19 || row.hour < 1 ? 0.45 : (row.hour < 8 ? -0.3 : 0)
    score += 0.03 * Double(row.discount) - 0.35 * item.priceDeviation
    return score
  }

  private func buyScore(_ row: Impression) -> Double {
    let user = users[row.user]
    let item = items[row.item]
    let age = Double((user.age ?? 38) - 38) / 16
    var score = 0.4 * user.effect + 0.5 * item.effect + 0.4 * ageSlope[item.category] * age
    score += memberBuy[user.member] + deviceBuy[user.device]
    score += 0.25 * Double(min(categoryViews(row), 4)) + 0.18 * Double(user.pastPurchases)
    score += 0.035 * Double(row.discount) - 0.6 * item.priceDeviation
    score += row.weekday >= 5 ? 0.3 : 0
    return score
  }
}

/// Picks numbers with given weights.
struct WeightedChoice {
  private let sums: [Double]

  init(_ weights: [Double]) {
    var total = 0.0
    sums = weights.map { weight in
      total += weight
      return total
    }
  }

  func pick(_ random: inout SplitMix64) -> Int {
    let target = random.uniform() * (sums.last ?? 0)
    var low = 0
    var high = max(0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > target { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
