import Schema

/// Writes a made-up survey in the form of Census-Income: 42 columns of people without a header, in the
/// order of its files and with their numbers of categories and their skew, and two labels, the
/// income and whether a person never married, whose true probabilities are known. Rows are written as
/// they are drawn. The same seed gives the same bytes everywhere.
package struct CensusGenerator: Sendable {
  package var seed: UInt64

  package init(seed: UInt64 = 2026) { self.seed = seed }

  private enum Kind {
    /// So many categories, the first of them with this share, the others by Zipf's law.
    case categories(Int, first: Double)
    /// As `categories`, with codes instead of names, or with a missing first one.
    case codes(Int, first: Double)
    case missing(Int, first: Double)
    case age, weeks, employer, weight
    /// 0 but for this share, then up to a largest value.
    case amount(Double, most: Int)
    case neverMarried, income
  }

  private static let columns: [(name: String, kind: Kind)] = [
    ("age", .age), ("class_of_worker", .categories(9, first: 0.5)),
    ("industry_code", .codes(52, first: 0.5)), ("occupation_code", .codes(47, first: 0.5)),
    ("education", .categories(17, first: 0.24)), ("wage_per_hour", .amount(0.06, most: 9999)),
    ("enrolled_in_education", .categories(3, first: 0.94)), ("marital_status", .neverMarried),
    ("major_industry_code", .categories(24, first: 0.5)),
    ("major_occupation_code", .categories(15, first: 0.5)), ("race", .categories(5, first: 0.84)),
    ("hispanic_origin", .categories(10, first: 0.86)), ("sex", .categories(2, first: 0.52)),
    ("union_member", .categories(3, first: 0.9)),
    ("reason_for_unemployment", .categories(6, first: 0.97)),
    ("employment_status", .categories(8, first: 0.62)),
    ("capital_gains", .amount(0.04, most: 99999)),
    ("capital_losses", .amount(0.02, most: 4608)), ("dividends", .amount(0.11, most: 99999)),
    ("tax_filer_status", .categories(6, first: 0.38)),
    ("previous_region", .categories(6, first: 0.92)),
    ("previous_state", .categories(51, first: 0.92)),
    ("household_status", .categories(38, first: 0.27)),
    ("household_summary", .categories(8, first: 0.38)), ("instance_weight", .weight),
    ("migration_msa", .missing(10, first: 0.5)), ("migration_region", .missing(9, first: 0.5)),
    ("migration_within_region", .missing(10, first: 0.5)),
    ("same_house_1_year_ago", .categories(3, first: 0.51)),
    ("migration_sunbelt", .missing(4, first: 0.5)), ("employer_size", .employer),
    ("family_members_under_18", .categories(5, first: 0.72)),
    ("father_birth_country", .categories(43, first: 0.8)),
    ("mother_birth_country", .categories(43, first: 0.8)),
    ("birth_country", .categories(43, first: 0.88)), ("citizenship", .categories(5, first: 0.88)),
    ("self_employed", .codes(3, first: 0.9)),
    ("veterans_questionnaire", .categories(3, first: 0.98)),
    ("veterans_benefits", .codes(3, first: 0.75)), ("weeks_worked", .weeks),
    ("year", .codes(2, first: 0.5)), ("income", .income),
  ]
  private static let married = [
    "Married and living together", "Divorced", "Widowed", "Separated", "Married but living apart",
    "Married to a soldier",
  ]

  /// Writes both files (each appears whole or not at all) and returns the best AUC that models of
  /// all columns but the weight and the marital status can have on the test file. Throws `FileError`.
  package func write(
    train: String, test: String, trainRows: Int = 200_000, testRows: Int = 100_000
  ) throws -> [BestAUC] {
    _ = try writeRows(trainRows, stream: 21, to: train, keepsTruth: false)
    return try writeRows(testRows, stream: 22, to: test, keepsTruth: true)
  }

  private func writeRows(
    _ count: Int, stream: UInt64, to path: String, keepsTruth: Bool
  ) throws -> [BestAUC] {
    var random = SplitMix64(seed: seed, stream: stream)
    let categories = Self.columns.indices.map {
      Categories(Self.columns[$0], place: $0, seed: seed)
    }
    let file = try AtomicFile(path)
    var truth: [[Double]] = [[], []]
    var labels: [[Bool]] = [[], []]
    var cells = [String](repeating: "", count: Self.columns.count)
    for _ in 0..<max(0, count) {
      var income = -4.8
      var single = 2.2
      var marital = 0
      for (place, column) in Self.columns.enumerated() {
        switch column.kind {
        case .categories, .codes, .missing:
          let drawn = categories[place].draw(&random)
          cells[place] = categories[place].texts[drawn]
          income += categories[place].income[drawn]
          single += categories[place].single[drawn]
        case .age:
          let age = min(90, Int(80 * random.uniform() * (0.4 + 0.8 * random.uniform())))
          cells[place] = "\(age)"
          income += age < 18 ? -4 : 1.6 - 0.0025 * Double((age - 48) * (age - 48))
          single -= 0.09 * Double(age)
        case .weeks:
          let draw = random.uniform()
          let weeks = draw < 0.48 ? 0 : draw < 0.83 ? 52 : 1 + random.below(51)
          cells[place] = "\(weeks)"
          income += 0.035 * Double(weeks)
        case .employer:
          let size = random.uniform() < 0.48 ? 0 : 1 + random.below(6)
          cells[place] = "\(size)"
          income += 0.08 * Double(size)
        case .weight:
          let cents = 3_000 + Int(400_000 * random.uniform() * random.uniform())
          cells[place] = "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
        case .amount(let share, let most):
          // Small amounts are the most frequent.
          let size = random.uniform() * random.uniform() * random.uniform()
          let amount = random.uniform() < share ? 1 + Int(size * Double(most - 1)) : 0
          cells[place] = "\(amount)"
          if amount > 0 { income += 0.4 + 1.5 * size }
        case .neverMarried: marital = place
        case .income: break
        }
      }
      let chances = (PortableMath.sigmoid(income), PortableMath.sigmoid(single))
      let isRich = random.uniform() < chances.0
      let isSingle = random.uniform() < chances.1
      cells[marital] = isSingle ? "Never married" : Self.married[random.below(Self.married.count)]
      cells[cells.count - 1] = isRich ? "50000+." : "- 50000."
      try file.write(cells.joined(separator: ", ") + "\n")
      if keepsTruth {
        truth[0].append(chances.0)
        truth[1].append(chances.1)
        labels[0].append(isRich)
        labels[1].append(isSingle)
      }
    }
    try file.commit()
    return [
      BestAUC("income", truth[0], labels[0]), BestAUC("never_married", truth[1], labels[1]),
    ]
  }

  /// The categories of a column: how often they occur, what they are called, what they add to the
  /// scores.
  private struct Categories {
    var texts: [String] = []
    var income: [Double] = []
    var single: [Double] = []
    private var until: [Double] = []

    init(_ column: (name: String, kind: Kind), place: Int, seed: UInt64) {
      let words = column.name.split(separator: "_").joined(separator: " ")
      let (count, first): (Int, Double)
      switch column.kind {
      case .categories(let n, let share), .codes(let n, let share), .missing(let n, let share):
        (count, first) = (n, share)
      default: return
      }
      var sum = first
      let rest = (1..<count).reduce(0.0) { $0 + 1 / Double($1) }
      for k in 0..<count {
        switch column.kind {
        case .codes: texts.append("\(k)")
        case .missing where k == 0: texts.append("?")
        default: texts.append(k == 0 ? "no particular \(words)" : "\(words) of kind \(k)")
        }
        if k > 0 { sum += (1 - first) / (Double(k) * rest) }
        until.append(sum)
        var random = SplitMix64(seed: seed ^ 0x5EED_CE15_0517, stream: UInt64(place * 64 + k))
        income.append(0.35 * random.normal())
        single.append(0.25 * random.normal())
      }
      // Without their mean, so that the share of the labels is about the same for every seed.
      let shares = until.indices.map { until[$0] - ($0 > 0 ? until[$0 - 1] : 0) }
      for scores in [\Categories.income, \Categories.single] {
        let mean = zip(self[keyPath: scores], shares).reduce(0) { $0 + $1.0 * $1.1 }
        for k in shares.indices { self[keyPath: scores][k] -= mean }
      }
    }

    func draw(_ random: inout SplitMix64) -> Int {
      let place = random.uniform()
      return min(until.count - 1, until.firstIndex { place < $0 } ?? until.count - 1)
    }
  }
}
