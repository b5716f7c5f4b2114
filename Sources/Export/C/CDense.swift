/// The product of a row and a matrix, which most of a prediction's time goes to: in vectors of the
/// compilers that have them, as wide as the processor's, else in plain loops.
enum CDense {
  /// A vector type and the registers that a function of it may use.
  private struct Variant {
    var name: String
    /// The processor that the function is compiled for; nil for that of the whole file.
    var target: String?
    /// Floats of a vector, widest first.
    var lanes: [Int]
  }

  private static let portable = Variant(name: "add_product_4", target: nil, lanes: [4])
  private static let wide = [
    Variant(name: "add_product_8", target: "avx2,fma", lanes: [8, 4]),
    Variant(name: "add_product_16", target: "avx512f,avx2,fma", lanes: [16, 8, 4]),
  ]

  /// Vectors of columns that are summed up at a time.
  private static let block = 8

  static var source: String {
    var text = CText()
    text.lines(
      """
      /* y += x W for a row x of `depth` numbers and a row y of `count`; the rows of W are `stride` apart. */
      """)
    text.line("#if defined(__GNUC__)")
    text.line(type(4))
    write(portable, to: &text)
    text.line("#endif")
    text.line("#if defined(__GNUC__) && defined(__x86_64__)")
    for lanes in [8, 16] { text.line(type(lanes)) }
    for variant in wide { write(variant, to: &text) }
    text.line("#endif")
    text.line()
    text.lines(
      """
      static void add_product(const float *x, int depth, const float *w, int stride, float *y, int count) {
      #if defined(__GNUC__) && defined(__x86_64__)
        if (count >= 16 && __builtin_cpu_supports("avx512f"))
          add_product_16(x, depth, w, stride, y, count);
        else if (count >= 8 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
          add_product_8(x, depth, w, stride, y, count);
        else
          add_product_4(x, depth, w, stride, y, count);
      #elif defined(__GNUC__)
        add_product_4(x, depth, w, stride, y, count);
      #else
        for (int i = 0; i < depth; i++)
          for (int j = 0; j < count; j++) y[j] += x[i] * w[(size_t)i * (size_t)stride + (size_t)j];
      #endif
      }
      """)
    return String(text.text.dropLast())
  }

  private static func type(_ lanes: Int) -> String {
    "typedef float lanes_\(lanes) __attribute__((vector_size(\(4 * lanes)), aligned(4), may_alias));"
  }

  private static func write(_ variant: Variant, to text: inout CText) {
    text.line()
    if let target = variant.target { text.line("__attribute__((target(\"\(target)\")))") }
    text.open(
      "static void \(variant.name)(const float *x, int depth, const float *w, int stride, float *y, int count)"
    )
    text.line("int j = 0;")
    if let widest = variant.lanes.first { columns(widest, to: &text) }
    for lanes in variant.lanes { rows(lanes, to: &text) }
    text.lines(
      """
      for (; j < count; j++) {
        float a = 0.0f, b = 0.0f, c = 0.0f, d = 0.0f;
        int i = 0;
        for (; i + 4 <= depth; i += 4) {
          const float *at = w + (ptrdiff_t)i * stride + j;
          a += x[i] * at[0];
          b += x[i + 1] * at[stride];
          c += x[i + 2] * at[2 * (ptrdiff_t)stride];
          d += x[i + 3] * at[3 * (ptrdiff_t)stride];
        }
        for (; i < depth; i++) a += x[i] * w[(ptrdiff_t)i * stride + j];
        y[j] += (a + b) + (c + d);
      }
      """)
    text.close()
  }

  /// Blocks of several vectors of columns, row after row.
  private static func columns(_ lanes: Int, to text: inout CText) {
    let names = (0..<block).map { "s\($0)" }
    let type = "lanes_\(lanes)"
    text.open("for (; j + \(block * lanes) <= count; j += \(block * lanes))")
    text.line("\(type) " + names.map { "\($0) = {0.0f}" }.joined(separator: ", ") + ";")
    text.open("for (int i = 0; i < depth; i++)")
    text.line("const float *at = w + (ptrdiff_t)i * stride + j;")
    for (k, name) in names.enumerated() {
      text.line("\(name) += x[i] * *(const \(type) *)(at + \(k * lanes));")
    }
    text.close()
    for (k, name) in names.enumerated() {
      text.line("*(\(type) *)(y + j + \(k * lanes)) += \(name);")
    }
    text.close()
  }

  /// Single vectors of columns, four rows at a time, so that no sum waits for the one before.
  private static func rows(_ lanes: Int, to text: inout CText) {
    let type = "lanes_\(lanes)"
    text.lines(
      """
      for (; j + \(lanes) <= count; j += \(lanes)) {
        \(type) a = {0.0f}, b = {0.0f}, c = {0.0f}, d = {0.0f};
        int i = 0;
        for (; i + 4 <= depth; i += 4) {
          const float *at = w + (ptrdiff_t)i * stride + j;
          a += x[i] * *(const \(type) *)at;
          b += x[i + 1] * *(const \(type) *)(at + stride);
          c += x[i + 2] * *(const \(type) *)(at + 2 * (ptrdiff_t)stride);
          d += x[i + 3] * *(const \(type) *)(at + 3 * (ptrdiff_t)stride);
        }
        for (; i < depth; i++) a += x[i] * *(const \(type) *)(w + (ptrdiff_t)i * stride + j);
        *(\(type) *)(y + j) += (a + b) + (c + d);
      }
      """)
  }
}
