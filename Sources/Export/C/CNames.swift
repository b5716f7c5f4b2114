/// Identifiers for names of any characters, each given once.
struct CNames {
  private var taken: Set<String>

  /// Words that C, C++ or the headers that are included give a meaning to.
  private static let reserved: Set<String> = Set(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const
    constexpr const_cast continue co_await co_return co_yield decltype default delete do double
    dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
    reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct
    switch template this thread_local throw true try typedef typeid typename typeof union unsigned using
    virtual void volatile wchar_t while xor xor_eq linux unix errno NULL NAN INFINITY HUGE_VAL
    EXIT_SUCCESS EXIT_FAILURE RAND_MAX I
    """.split { $0 == " " || $0 == "\n" }.map(String.init))

  init(taken: Set<String> = []) { self.taken = taken.union(Self.reserved) }

  /// An identifier that is like the name.
  mutating func unique(_ name: String) -> String {
    let base = Self.identifier(name)
    var result = base
    var number = 2
    while !taken.insert(result).inserted {
      result = "\(base)_\(number)"
      number += 1
    }
    return result
  }

  /// The name with `_` for what no identifier holds.
  static func identifier(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      if isPlain {
        result.unicodeScalars.append(scalar)
      } else if !result.hasSuffix("_") {
        result += "_"
      }
    }
    while result.hasSuffix("_") { result.removeLast() }
    while result.hasPrefix("_") { result.removeFirst() }
    guard let first = result.unicodeScalars.first else { return "x" }
    return first.properties.isAlphabetic ? result : "x" + result
  }
}
