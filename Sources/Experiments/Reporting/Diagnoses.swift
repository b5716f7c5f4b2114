/// What is looked at while a model is trained in the static mode, between epochs and on a few training rows.
/// It changes no bit of the result and takes less than 5 % of the time.
public struct Diagnoses: OptionSet, Sendable, Hashable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// How far the tasks pull the parameters that they share apart; the report of the run shows it.
  public static let conflicts = Diagnoses(rawValue: 1)
  /// How the weights that gates give lie, and the gradients of each task by what tasks share: for observers.
  public static let distributions = Diagnoses(rawValue: 2)
}
