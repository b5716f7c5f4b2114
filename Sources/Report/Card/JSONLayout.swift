/// Compact JSON for people.
enum JSONLayout {
  /// The text with the members of the outermost objects and arrays on lines of their own; what lies deeper
  /// stays on one line.
  static func broken(_ text: String, depth most: Int = 2) -> String {
    var result = ""
    var depth = 0
    var isString = false
    var isEscaped = false
    func line(_ depth: Int) -> String { "\n" + String(repeating: "  ", count: max(0, depth)) }
    for character in text {
      if isString {
        result.append(character)
        if isEscaped {
          isEscaped = false
        } else if character == "\\" {
          isEscaped = true
        } else if character == "\"" {
          isString = false
        }
        continue
      }
      switch character {
      case "{", "[":
        depth += 1
        result += "\(character)" + (depth <= most ? line(depth) : "")
      case "}", "]":
        depth -= 1
        result += (depth < most ? line(depth) : "") + "\(character)"
      case ",": result += depth <= most ? "," + line(depth) : ", "
      case ":": result += ": "
      default:
        isString = character == "\""
        result.append(character)
      }
    }
    return result
  }
}
