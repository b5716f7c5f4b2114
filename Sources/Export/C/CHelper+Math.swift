extension CHelper {
  /// Functions of numbers.
  static let mathSources: [CHelper: String] = [
    .maximum:
      """
    /* The larger of both; not a number where one of them is none. */
    static inline float maximum(float a, float b) { return a > b ? a : b >= a ? b : a + b; }
    """,
    .minimum:
      """
    /* The smaller of both; not a number where one of them is none. */
    static inline float minimum(float a, float b) { return a < b ? a : b <= a ? b : a + b; }
    """,
    .sign:
      """
    static inline float sign(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; }
    """,
    .relu:
      """
    static inline float relu(float x) { return x < 0.0f ? 0.0f : x; }
    """,
    .sigmoid:
      """
    static inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
    """,
    .softplus:
      """
    /* log(1 + exp(x)) without overflow. */
    static inline float softplus(float x) {
      return (x > 0.0f ? x : 0.0f) + log1pf(expf(-fabsf(x)));
    }
    """,
    .softmax:
      """
    /* Shares of exp(x) of each number; `shares` may be `x`. */
    static void softmax(const float *x, float *shares, int count) {
      float largest = x[0], sum = 0.0f;
      for (int k = 1; k < count; k++)
        if (x[k] > largest) largest = x[k];
      for (int k = 0; k < count; k++) sum += shares[k] = expf(x[k] - largest);
      for (int k = 0; k < count; k++) shares[k] /= sum;
    }
    """,
  ]

  /// Rows of tables.
  static let lookupSources: [CHelper: String] = [
    .lookUp:
      """
    /* The row of an id: zeros for padding (a negative id), row 0 for one beyond the table. */
    static void look_up(const float *table, int rows, int dim, int stride, int32_t id, float *out) {
      const float *row = table + (size_t)(id < 0 || id >= rows ? 0 : id) * (size_t)stride;
      for (int j = 0; j < dim; j++) out[j] = id < 0 ? 0.0f : row[j];
    }
    """,
    .addRow:
      """
    /* Adds the row of an id; nothing for padding, row 0 for an id beyond the table. */
    static void add_row(const float *table, int rows, int dim, int stride, int32_t id, float *out) {
      if (id < 0) return;
      const float *row = table + (size_t)(id < rows ? id : 0) * (size_t)stride;
      for (int j = 0; j < dim; j++) out[j] += row[j];
    }
    """,
    .pool:
      """
    /* The sum, or the mean, of the rows of ids that are no padding. */
    static void pool(const float *table, int rows, int dim, int stride, const int32_t *ids, int length,
                     int is_mean, float *out) {
      int count = 0;
      for (int j = 0; j < dim; j++) out[j] = 0.0f;
      for (int k = 0; k < length; k++) {
        add_row(table, rows, dim, stride, ids[k], out);
        count += ids[k] >= 0;
      }
      if (!is_mean || count < 2) return;
      const float scale = 1.0f / (float)count;
      for (int j = 0; j < dim; j++) out[j] *= scale;
    }
    """,
  ]
}
