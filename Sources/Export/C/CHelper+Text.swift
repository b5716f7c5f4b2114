extension CHelper {
  /// Texts and their ids.
  static let textSources: [CHelper: String] = [
    .text:
      """
    /* Bytes of a cell, not ended by a zero; none where `start` is NULL. */
    struct text {
      const char *start;
      size_t length;
    };

    static inline struct text text_of(const char *string) {
      const struct text text = {string, string ? strlen(string) : 0};
      return text;
    }
    """,
    .isMissing:
      """
    /* Whether a cell has no value. */
    static int is_missing(struct text text, const char *const *markers, int count) {
      if (!text.start) return 1;
      for (int k = 0; k < count; k++)
        if (strlen(markers[k]) == text.length && !memcmp(markers[k], text.start, text.length)) return 1;
      return 0;
    }
    """,
    .isUTF8:
      """
    /* Whether bytes are UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
    static int is_utf8(struct text text) {
      const unsigned char *p = (const unsigned char *)text.start;
      const unsigned char *const end = p + text.length;
      while (p < end) {
        const unsigned char first = *p++;
        if (first < 0x80) continue;
        const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        if (first < 0xC2 || first > 0xF4 || end - p < more) return 0;
        if (first == 0xE0 && *p < 0xA0) return 0;
        if (first == 0xED && *p > 0x9F) return 0;
        if (first == 0xF0 && *p < 0x90) return 0;
        if (first == 0xF4 && *p > 0x8F) return 0;
        for (int k = 0; k < more; k++)
          if ((*p++ & 0xC0) != 0x80) return 0;
      }
      return 1;
    }
    """,
    .findToken:
      """
    /* The id of a text among tokens that are sorted by their bytes: 0 for a missing and an unknown one,
       -1 for what is not UTF-8. */
    static int32_t find_token(struct text text, const char *const *tokens, const int32_t *ids, int count) {
      if (!text.start) return 0;
      int low = 0, high = count;
      while (low < high) {
        const int middle = low + (high - low) / 2;
        const char *const token = tokens[middle];
        size_t k = 0;
        while (k < text.length && token[k] && text.start[k] == token[k]) k++;
        const int a = k < text.length ? (unsigned char)text.start[k] : -1;
        const int b = token[k] ? (unsigned char)token[k] : -1;
        if (a == b) return ids[middle];
        if (a > b)
          low = middle + 1;
        else
          high = middle;
      }
      return is_utf8(text) ? 0 : -1;
    }
    """,
    .hash:
      """
    /* FNV-1a, 64 bits. */
    static const uint64_t hash_start = UINT64_C(0xCBF29CE484222325);

    static uint64_t hash(uint64_t start, struct text text) {
      for (size_t k = 0; k < text.length; k++)
        start = (start ^ (unsigned char)text.start[k]) * UINT64_C(0x100000001B3);
      return start;
    }
    """,
    .hashID:
      """
    /* The id that a text is hashed to; 0 for a missing one, -1 for what is not UTF-8. */
    static int32_t hash_id(struct text text, uint64_t buckets, const char *const *markers, int count) {
      if (is_missing(text, markers, count)) return 0;
      if (!is_utf8(text)) return -1;
      return (int32_t)(hash(hash_start, text) % buckets + 1);
    }
    """,
    .integerID:
      """
    /* The id of a whole number below `largest`; 0 for a missing one and for another number, -1 for what is
       no whole number. */
    static int32_t integer_id(struct text text, double largest, const char *const *markers, int count) {
      double number;
      if (is_missing(text, markers, count)) return 0;
      if (!read_number(text, &number) || number != trunc(number)) return -1;
      return number >= 0 && number < largest ? (int32_t)number + 1 : 0;
    }
    """,
  ]

  /// Lists in a cell.
  static let listSources: [CHelper: String] = [
    .list:
      #"""
    /* A cell that holds a list, and the place in it. */
    struct list {
      struct text cell;
      size_t start, position, end;
      char separator;
      int has_brackets, is_over;
    };

    static inline int is_space(char byte) { return byte == ' ' || byte == '\t'; }

    static void trim(struct text text, size_t *start, size_t *end) {
      while (*start < *end && is_space(text.start[*start])) ++*start;
      while (*end > *start && is_space(text.start[*end - 1])) --*end;
    }

    static struct list open_list(struct text cell, char separator, int has_brackets) {
      struct list list = {cell, 0, 0, cell.length, separator, has_brackets, !cell.start};
      if (has_brackets && cell.start) {
        trim(cell, &list.start, &list.end);
        if (list.end - list.start >= 2) {
          const char open = cell.start[list.start], close = cell.start[list.end - 1];
          if ((open == '[' && close == ']') || (open == '(' && close == ')')
              || (open == '{' && close == '}')) {
            list.start++;
            list.end--;
          }
        }
        list.position = list.start;
      }
      return list;
    }

    /* A quoted item at the present place, which is then behind it and its separator. */
    static int next_quoted(struct list *list, struct text *item) {
      const char *const bytes = list->cell.start;
      size_t open = list->start;
      while (open < list->end && is_space(bytes[open])) open++;
      if (open >= list->end || (bytes[open] != '\'' && bytes[open] != '"')) return 0;
      size_t close = open + 1;
      while (close < list->end && bytes[close] != bytes[open]) close += bytes[close] == '\\' ? 2 : 1;
      if (close >= list->end) return 0;
      size_t next = close + 1;
      while (next < list->end && is_space(bytes[next]) && bytes[next] != list->separator) next++;
      /* What stands between the quote and the separator makes it an item without quotes. */
      if (next < list->end && bytes[next] != list->separator) return 0;
      item->start = bytes + open + 1;
      item->length = close - open - 1;
      list->start = list->position = next + 1;
      return 1;
    }

    /* The next item, without spaces around it; empty ones are passed over. 0 behind the last. */
    static int next_item(struct list *list, struct text *item) {
      while (!list->is_over && list->start <= list->end) {
        if (list->has_brackets && list->position == list->start && next_quoted(list, item)) return 1;
        while (list->position < list->end && list->cell.start[list->position] != list->separator)
          list->position++;
        size_t start = list->start, end = list->position < list->end ? list->position : list->end;
        trim(list->cell, &start, &end);
        item->start = list->cell.start + start;
        item->length = end - start;
        list->start = ++list->position;
        if (item->length > 0) return 1;
      }
      list->is_over = 1;
      return 0;
    }
    """#,
    .countItems:
      """
    static size_t count_items(struct list list) {
      struct text item;
      size_t count = 0;
      while (next_item(&list, &item)) count++;
      return count;
    }
    """,
    .splitWeight:
      """
    /* Cuts `id:weight` at its last colon; the weight has no bytes where there is none. */
    static struct text split_weight(struct text *item) {
      struct text weight = {NULL, 0};
      for (size_t k = item->length; k > 0; k--) {
        if (item->start[k - 1] != ':') continue;
        weight.start = item->start + k;
        weight.length = item->length - k;
        item->length = k - 1;
        break;
      }
      return weight;
    }
    """,
  ]
}
