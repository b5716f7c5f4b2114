/// What workers that train together spend on telling each other what they have computed.
package struct ExchangeCost: Sendable {
  /// Of this worker, waiting for the others included.
  package var seconds = 0.0
  /// That this worker sends to all others together.
  package var bytes = 0.0
  package var exchanges = 0

  static func + (one: ExchangeCost, other: ExchangeCost) -> ExchangeCost {
    ExchangeCost(
      seconds: one.seconds + other.seconds, bytes: one.bytes + other.bytes,
      exchanges: one.exchanges + other.exchanges)
  }
}
