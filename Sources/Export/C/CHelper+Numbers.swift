extension CHelper {
  /// Numbers of cells.
  static let numberSources: [CHelper: String] = [
    .readNumber:
      """
    /* Reads all of a text as `[+-] digits [. digits] [e [+-] digits]`, correctly rounded. 0 for anything
       else and for what is beyond the range of a double. */
    static int read_number(struct text text, double *number) {
      static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
      /* No more digits can change how a number is rounded, but for whether others follow. */
      enum { most = 780 };
      char digits[most + 32];
      const char *p = text.start, *const end = text.start + text.length;
      size_t count = 0;
      int is_negative = 0, has_digits = 0, is_fraction = 0, is_cut = 0;
      long exponent = 0;
      uint64_t mantissa = 0;
      if (p == end) return 0;
      if (*p == '-' || *p == '+') is_negative = *p++ == '-';
      for (; p < end; p++) {
        if (*p == '.' && !is_fraction) {
          is_fraction = 1;
          continue;
        }
        if (*p < '0' || *p > '9') break;
        has_digits = 1;
        if (count == 0 && *p == '0') {
          exponent -= is_fraction;
        } else if (count < most) {
          digits[count++] = *p;
          if (count < 19) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
          exponent -= is_fraction;
        } else {
          is_cut = is_cut || *p != '0';
          exponent += !is_fraction;
        }
      }
      if (!has_digits) return 0;
      if (p < end) {
        if (*p != 'e' && *p != 'E') return 0;
        int sign = 1;
        if (++p < end && (*p == '-' || *p == '+')) sign = *p++ == '-' ? -1 : 1;
        if (p == end) return 0;
        long written = 0;
        for (; p < end; p++) {
          if (*p < '0' || *p > '9') return 0;
          if (written < 100000000) written = written * 10 + (*p - '0');
        }
        exponent += sign * written;
      }
      double value;
      if (count == 0) {
        value = 0;
      } else if (count <= 15 && exponent >= -22 && exponent <= 22) {
        /* Both are exact, so that one operation rounds correctly. */
        value = exponent < 0 ? (double)mantissa / powers[-exponent] : (double)mantissa * powers[exponent];
      } else {
        if (is_cut) {
          digits[count++] = '1';
          exponent--;
        }
        /* Without a decimal point, which depends on the locale. */
        snprintf(digits + count, sizeof digits - count, "e%ld", exponent);
        value = strtod(digits, NULL);
        if (isinf(value)) return 0;
      }
      *number = is_negative ? -value : value;
      return 1;
    }
    """,
    .readMarkedNumber:
      """
    /* A number with other marks than a decimal point: `thousands` stand between groups of three digits, or
       of two but for the last. */
    static int read_marked_number(struct text text, char decimal, const char *const *thousands, int count,
                                  double *number) {
      char plain[1024];
      size_t length = 0, k = 0;
      int digits = 0, groups = 0, first = 0, are_threes = 1, are_twos = 1, is_whole = 1;
      while (k < text.length && length < sizeof plain) {
        const char byte = text.start[k];
        int is_mark = 0;
        for (int m = 0; is_whole && m < count; m++) {
          const size_t size = strlen(thousands[m]);
          if (text.length - k < size || memcmp(text.start + k, thousands[m], size)) continue;
          if (groups++ == 0) {
            first = digits;
          } else {
            are_threes = are_threes && digits == 3;
            are_twos = are_twos && digits == 2;
          }
          digits = 0;
          k += size;
          is_mark = 1;
          break;
        }
        if (is_mark) continue;
        const int is_digit = byte >= '0' && byte <= '9';
        const int is_grouped = groups == 0
                               || (digits == 3 && first >= 1 && first <= 3
                                   && (are_threes || (first <= 2 && are_twos)));
        if (byte == decimal && is_whole) {
          if (!is_grouped) return 0;
          is_whole = 0;
          plain[length++] = '.';
        } else if (byte == '.') {
          return 0;
        } else {
          if (is_whole && !is_digit && length > 0) {
            if (!is_grouped) return 0;
            is_whole = 0;
          }
          digits += is_digit;
          plain[length++] = byte;
        }
        k++;
      }
      if (k < text.length) return 0;
      if (is_whole && groups > 0
          && !(digits == 3 && first >= 1 && first <= 3 && (are_threes || (first <= 2 && are_twos))))
        return 0;
      const struct text all = {plain, length};
      return read_number(all, number);
    }
    """,
    .signedLog:
      """
    static inline double signed_log(double x) { return x == 0 ? 0 : x < 0 ? -log1p(-x) : log1p(x); }
    """,
    .normalized:
      """
    /* A scaled number, at most the largest float; `missing` for one that is not there. */
    static float normalized(double number, double offset, double scale, float missing) {
      if (isnan(number)) return missing;
      const double scaled = (number - offset) * scale;
      if (scaled >= FLT_MAX) return FLT_MAX;
      return scaled > -FLT_MAX ? (float)scaled : -FLT_MAX;
    }
    """,
    .interpolated:
      """
    /* The number's place on the lines through some points, as a float; `missing` for one that is not there. */
    static float interpolated(double number, const double *inputs, const double *outputs, int count,
                              int is_clamped, float missing) {
      if (isnan(number)) return missing;
      double value = outputs[0];
      if (count > 1) {
        int low = 0, high = count - 1;
        while (low + 1 < high) {
          const int middle = (low + high) / 2;
          if (inputs[middle] <= number) low = middle; else high = middle;
        }
        const double start = inputs[low], end = inputs[high], width = end - start;
        double share = isfinite(width) ? (number - start) / width
                                       : (number / 2 - start / 2) / (end / 2 - start / 2);
        if (is_clamped) share = share < 0 ? 0 : share > 1 ? 1 : share;
        value = outputs[low] + share * (outputs[high] - outputs[low]);
      }
      if (value >= FLT_MAX) return FLT_MAX;
      return value > -FLT_MAX ? (float)value : -FLT_MAX;
    }
    """,
    .bucket:
      """
    /* 0 for a number that is not there, else 1 + the number of boundaries that it reaches. */
    static int32_t bucket(double number, const double *boundaries, int count) {
      if (isnan(number)) return 0;
      int low = 0, high = count;
      while (low < high) {
        const int middle = low + (high - low) / 2;
        if (boundaries[middle] <= number)
          low = middle + 1;
        else
          high = middle;
      }
      return low + 1;
    }
    """,
  ]
}
