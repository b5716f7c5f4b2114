import Foundation

/// The arguments of the command.
struct CampaignOptions {
  var campaign: any Campaign.Type
  var seed: UInt64 = 1
  /// How long to go on; nil for as many cases as asked for.
  var seconds: Double?
  var cases = 20_000
  /// Children that run side by side.
  var workers = 1
  /// The one case to run, in this process and telling what it does.
  var only: Int?
  /// The number of the first case.
  var first = 0
  /// Where the cases' files are.
  var folder: String?
  /// The file in which a child keeps the number of its case.
  var place: String?
  /// Whether this is a child.
  var isWorker = false

  struct Wrong: Error, CustomStringConvertible { var description: String }

  static var usage: String {
    let list = campaigns.map { "  \($0.name)  \($0.summary)" }.joined(separator: "\n")
    return """
      campaign NAME [--minutes N | --seconds N | --cases N] [--seed S] [--workers N]
        --minutes N, --seconds N  go on for so long, whatever number of cases that is
        --cases N                 how many cases; 20000 unless told
        --seed S                  what the cases follow from; 1 unless told
        --workers N               children side by side; 1 unless told
        --case N                  only that case, in this process, telling what it does

      \(list)
      """
  }

  init(_ arguments: [String]) throws {
    guard let name = arguments.first, let found = campaigns.first(where: { $0.name == name })
    else { throw Wrong(description: Self.usage) }
    campaign = found
    var rest = arguments.dropFirst()
    func value(_ option: String) throws -> String {
      guard let text = rest.popFirst() else {
        throw Wrong(description: "\(option) takes a value\n\n\(Self.usage)")
      }
      return text
    }
    func number<Number: LosslessStringConvertible>(_ option: String) throws -> Number {
      let text = try value(option)
      guard let number = Number(text) else {
        throw Wrong(description: "\(option) \(text): not a number\n\n\(Self.usage)")
      }
      return number
    }
    while let option = rest.popFirst() {
      switch option {
      case "--minutes": seconds = 60 * (try number(option) as Double)
      case "--seconds": seconds = try number(option)
      case "--cases": cases = try number(option)
      case "--seed": seed = try number(option)
      case "--workers": workers = max(1, try number(option))
      case "--case": only = try number(option)
      case "--first": first = try number(option)
      case "--folder": folder = try value(option)
      case "--place": place = try value(option)
      case "--worker": isWorker = true
      default: throw Wrong(description: "there is no option \(option)\n\n\(Self.usage)")
      }
    }
  }
}
