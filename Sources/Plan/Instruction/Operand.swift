import TensorTypes

/// A view that an instruction touches, and how. Scheduling, memory planning, validation, listings
/// and the sharing of memory go by an instruction's operands alone.
package struct Operand: Sendable, Hashable {
  package enum Access: Sendable, Hashable {
    case read, write
    /// Reads an element before it writes it, as a sum does that is added to.
    case readWrite
    /// Steps a parameter: reads and writes it and the optimizer's states at the same place.
    case update

    package var reads: Bool { self != .write }
    package var writes: Bool { self != .read }
  }

  /// Which other operands of its instruction a view may share elements with where one is written.
  package enum Sharing: Sendable, Hashable {
    case none
    /// The same elements in the same order as an operand that is in place too: the kernel reads an
    /// element before it writes it, and does not come back.
    case inPlace
    /// Any elements of operands that are added to as well: the kernel adds one after the other.
    case added
  }

  /// All but the view.
  package struct Use: Sendable, Hashable {
    package var access: Access
    /// What it is to the instruction, as `bias`, and its number where there are several.
    package var name: String
    package var number: Int?
    package var dtype: DType
    /// Whether it may be of any type: a copy of ids is one.
    package var takesAnyType = false
    package var sharing: Sharing
    /// Whether it may write an element twice, the same value each time.
    package var repeats: Bool

    package var role: String { number.map { "\(name) \($0)" } ?? name }
  }

  package var view: View
  package var use: Use

  package var access: Access { use.access }
}

extension Operand.Use {
  static func read(
    _ name: String, _ number: Int? = nil, dtype: DType = .f32, sharing: Operand.Sharing = .none
  ) -> Self {
    Self(
      access: .read, name: name, number: number, dtype: dtype, sharing: sharing, repeats: false)
  }

  static func write(
    _ name: String, _ number: Int? = nil, dtype: DType = .f32, sharing: Operand.Sharing = .none,
    repeats: Bool = false
  ) -> Self {
    Self(
      access: .write, name: name, number: number, dtype: dtype, sharing: sharing, repeats: repeats)
  }

  static func readWrite(
    _ name: String, _ number: Int? = nil, sharing: Operand.Sharing = .none
  ) -> Self {
    Self(
      access: .readWrite, name: name, number: number, dtype: .f32, sharing: sharing,
      repeats: false)
  }

  static func update(_ name: String, _ number: Int? = nil) -> Self {
    Self(
      access: .update, name: name, number: number, dtype: .f32, sharing: .none, repeats: false)
  }
}

/// Goes through the views of an instruction: collects them, or replaces them by others.
struct OperandWalk {
  private let replacement: ((View) -> View)?
  private(set) var operands: [Operand] = []

  init(replacingBy replacement: ((View) -> View)? = nil) { self.replacement = replacement }

  mutating func callAsFunction(_ view: inout View, _ use: @autoclosure () -> Operand.Use) {
    if let replacement {
      view = replacement(view)
    } else {
      operands.append(Operand(view: view, use: use()))
    }
  }

  mutating func callAsFunction(_ view: inout View?, _ use: @autoclosure () -> Operand.Use) {
    guard var present = view else { return }
    self(&present, use())
    view = present
  }
}
