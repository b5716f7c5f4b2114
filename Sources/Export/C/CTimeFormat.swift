import Schema

/// Writes the function that reads times of one format.
struct CTimeFormat {
  private let time: TimeReading

  init(_ time: TimeReading) { self.time = time }

  /// `static int name(struct text text, struct moment *moment)`: 0 for what is no time.
  func write(_ name: String, to text: inout CText, _ helpers: inout Set<CHelper>) {
    helpers.formUnion([.text, .moment])
    text.open("static int \(name)(struct text text, struct moment *moment)")
    switch time.format {
    case .seconds, .milliseconds:
      helpers.insert(.readNumber)
      text.line("double number;")
      text.line("if (!read_number(text, &number)) return 0;")
      let seconds = time.format == .seconds ? "number" : "number / 1000"
      text.line("return moment_of(\(seconds) + \(time.utcOffset * 60), moment);")
    case .iso:
      helpers.formUnion([.isoTime, .written])
      text.line("struct cursor at = {text, 0};")
      text.line("struct written_time time = no_time;")
      text.line(
        "return read_iso_time(&at, &time) && moment_written(&time, \(time.utcOffset), moment);")
    case .pattern(let pattern):
      helpers.formUnion([.cursor, .written])
      let items = TimePattern.items(pattern) ?? []
      text.line("struct cursor at = {text, 0};")
      text.line("struct written_time time = no_time;")
      if items.contains(.half) { text.line("int half = -1;") }
      if items.contains(.second) { text.line("int second;") }
      if items.contains(.fraction) { text.line("double part;") }
      for item in items { write(item, to: &text, &helpers) }
      if items.contains(.half) {
        text.line("if (time.hour < 1 || time.hour > 12) return 0;")
        text.line("time.hour = time.hour % 12 + 12 * half;")
      }
      text.line("if (at.place != text.length) return 0;")
      text.line("return moment_written(&time, \(time.utcOffset), moment);")
    }
    text.close()
    text.line()
  }

  private func write(
    _ item: TimePattern.Item, to text: inout CText, _ helpers: inout Set<CHelper>
  ) {
    func digits(_ field: String, _ least: Int, _ most: Int) {
      text.line("if ((time.\(field) = read_digits(&at, \(least), \(most))) < 0) return 0;")
    }
    switch item {
    case .text(let byte): text.line("if (!take(&at, \(byte))) return 0;")
    case .year: digits("year", 4, 4)
    case .shortYear:
      digits("year", 2, 2)
      // As POSIX has it: 69 to 99 are of the last century.
      text.line("time.year += time.year < 69 ? 2000 : 1900;")
    case .month: digits("month", 1, 2)
    case .monthName:
      helpers.insert(.monthName)
      text.line("if ((time.month = read_month_name(&at)) < 0) return 0;")
    case .day: digits("day", 1, 2)
    case .hour: digits("hour", 1, 2)
    case .minute: digits("minute", 1, 2)
    case .second:
      text.line("if ((second = read_digits(&at, 1, 2)) < 0) return 0;")
      text.line("time.second += second;")
    case .fraction:
      helpers.insert(.fraction)
      text.line("if ((part = read_fraction(&at)) < 0) return 0;")
      text.line("time.second += part;")
    case .half:
      text.line("half = (next_byte(&at) | 0x20) == 'p';")
      text.line("if (!half && (next_byte(&at) | 0x20) != 'a') return 0;")
      text.line("at.place++;")
      text.line("if ((next_byte(&at) | 0x20) != 'm') return 0;")
      text.line("at.place++;")
    case .zone:
      helpers.insert(.zone)
      text.line("if (!read_zone(&at, &time)) return 0;")
    }
  }
}
