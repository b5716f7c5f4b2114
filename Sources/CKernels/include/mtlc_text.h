#ifndef MTLC_TEXT_H
#define MTLC_TEXT_H

#include <stdint.h>
#include <string.h>

// Reading of text tables: where fields end, which token a field is, which number it holds.
// All text must be readable for MTLC_TEXT_PADDING bytes past its end, and 8 before it, of any value.

enum { MTLC_TEXT_PADDING = 64 };

/// Positions of delimiters, line feeds and quotes among `length` < 2^32 - 64 bytes, in order.
typedef struct mtlc_text_scan_args {
  const uint8_t *text;
  int64_t length;
  uint8_t delimiter, quote;
  uint32_t *positions;  ///< Room for length + 64.
  int64_t count, feeds, quotes;  ///< Results: of all, of line feeds, of quotes.
  int32_t high;  ///< Result: 0 where every byte is an ASCII character, else mostly 1.
} mtlc_text_scan_args;

void mtlc_text_scan(mtlc_text_scan_args *args);

/// Fields one below the other: field r is [starts[r * stride] + bias, ends[r * stride] - cut).
typedef struct mtlc_text_fields {
  const uint8_t *text;
  const uint32_t *starts, *ends;
  int64_t stride;
  uint32_t bias, cut;
  uint8_t trims;      ///< Leave out spaces and tabs at both ends.
  uint8_t delimiter;  ///< Not trimmed even where it is a tab or a space.
} mtlc_text_fields;

typedef struct mtlc_text_range {
  uint32_t start, end;
} mtlc_text_range;

/// Spaces and tabs at both ends beyond the one that many tables write after each delimiter.
static inline __attribute__((cold, noinline)) mtlc_text_range
mtlc_text_trim(const mtlc_text_fields *f, mtlc_text_range r) {
  const uint8_t *text = f->text;
  while (r.start < r.end && (text[r.start] == 32 || text[r.start] == 9) &&
         text[r.start] != f->delimiter)
    r.start++;
  while (r.start < r.end && (text[r.end - 1] == 32 || text[r.end - 1] == 9) &&
         text[r.end - 1] != f->delimiter)
    r.end--;
  return r;
}

/// Field `row`, trimmed.
static inline __attribute__((always_inline)) mtlc_text_range
mtlc_text_field(const mtlc_text_fields *f, int64_t row) {
  mtlc_text_range r = {f->starts[row * f->stride] + f->bias, f->ends[row * f->stride] - f->cut};
  if (f->trims) {
    // What is read of an empty field is the delimiter or line feed behind it.
    r.start += (f->text[r.start] == 32) & (f->delimiter != 32);
    uint8_t last = f->text[r.end - (r.start < r.end)];
    if (__builtin_expect((f->text[r.start] <= 32) | (last <= 32), 0) && r.start < r.end)
      return mtlc_text_trim(f, r);
  }
  return r;
}

/// A text as a table of tokens compares it: its first 16 bytes as they are, zeros behind a shorter
/// one, and a hash of all of it.
typedef struct mtlc_text_key {
  uint64_t low, high;
  uint32_t length, hash;
} mtlc_text_key;

static inline __attribute__((always_inline)) uint64_t mtlc_text_word(const uint8_t *p) {
  uint64_t word;
  memcpy(&word, p, 8);
  return word;
}

static inline __attribute__((always_inline)) uint64_t mtlc_text_mix(uint64_t a, uint64_t b) {
  __uint128_t product = (__uint128_t)a * b;
  return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/// The hash of a text whose first 16 bytes are `low` and `high`.
static inline __attribute__((always_inline)) uint32_t mtlc_text_hash(uint64_t low, uint64_t high,
                                                                     const uint8_t *text,
                                                                     uint32_t length) {
  uint64_t hash = mtlc_text_mix(low ^ 0xA0761D6478BD642Full,
                                high ^ 0xE7037ED1A0B428DBull ^ ((uint64_t)length << 56));
  // Without a branch on the length, which many columns mix.
  const uint8_t *tail = text + (length > 16 ? length - 16 : 0);
  uint64_t rest = mtlc_text_mix(mtlc_text_word(tail) ^ 0x9E3779B97F4A7C15ull,
                                mtlc_text_word(tail + 8) ^ 0xD1B54A32D192ED03ull);
  hash ^= length > 16 ? rest : 0;
  for (uint32_t i = 16; __builtin_expect(i + 16 < length, 0); i += 16)
    hash = mtlc_text_mix(mtlc_text_word(text + i) ^ hash ^ 0x9E3779B97F4A7C15ull,
                         mtlc_text_word(text + i + 8) ^ 0xD1B54A32D192ED03ull);
  return (uint32_t)(hash ^ hash >> 32);
}

static inline __attribute__((always_inline)) mtlc_text_key mtlc_text_key_of(const uint8_t *text,
                                                                            uint32_t length) {
  mtlc_text_key key = {0, 0, length, 0};
  uint32_t head = length < 16 ? length : 16;
  // Shifts by 64 are undefined, so the mask of n bytes is made in two steps.
  uint32_t low = head < 8 ? head : 8, high = head - low;
  key.low = mtlc_text_word(text) & ~(~0ull << (4 * low) << (4 * low));
  key.high = mtlc_text_word(text + 8) & ~(~0ull << (4 * high) << (4 * high));
  key.hash = mtlc_text_hash(key.low, key.high, text, length);
  return key;
}

/// A place of an open-addressing table, half a line of memory; free where entry < 0.
typedef struct mtlc_text_slot {
  uint64_t low, high;
  uint32_t length, hash;
  int32_t entry, value;
} mtlc_text_slot;

/// A token in the order of first insertion; its text lies in the arena.
typedef struct mtlc_text_entry {
  int64_t offset;
  uint32_t length;
  int32_t value;  ///< What a search gives.
} mtlc_text_entry;

enum { MTLC_TEXT_RECENT = 512, MTLC_TEXT_RECENT_BYTES = 64 };

/// What was found for short texts before, each in the one place that its first and last bytes give.
/// A text takes a line of memory, so that one comparison is enough. It is either a field as it
/// stands in a plain block, with the spaces around it and the delimiter or line feed that ends it:
/// no other field of a plain block begins with those bytes. Or it is the text of a field that was
/// cut out, zeros behind it, which then holds neither.
typedef struct mtlc_text_recent {
  uint8_t texts[MTLC_TEXT_RECENT][MTLC_TEXT_RECENT_BYTES];
  int32_t values[MTLC_TEXT_RECENT];
  uint32_t lengths[MTLC_TEXT_RECENT];  ///< Of a text that was cut out; else UINT32_MAX.
  int64_t rest;    ///< Rows for which looking here is not worth it.
  int64_t missed;  ///< Texts of the present call that were not here.
} mtlc_text_recent;

typedef struct mtlc_text_table {
  mtlc_text_slot *slots;
  uint64_t mask;  ///< Slots - 1, a power of two less one.
  mtlc_text_entry *entries;
  int64_t entry_count;
  int64_t entry_limit;  ///< Entries that fit before something must grow.
  uint8_t *arena;
  int64_t arena_used, arena_capacity;
  mtlc_text_recent *recent;  ///< Aligned to 64 bytes; may be NULL.
} mtlc_text_table;

/// Whether texts of more than 16 bytes are equal behind those, one of them in an arena.
static inline __attribute__((always_inline)) int mtlc_text_equal(const uint8_t *a,
                                                                 const uint8_t *b,
                                                                 uint32_t length) {
  if (__builtin_expect(length > 32, 0)) return memcmp(a + 16, b + 16, length - 16) == 0;
  return ((mtlc_text_word(a + length - 16) ^ mtlc_text_word(b + length - 16)) |
          (mtlc_text_word(a + length - 8) ^ mtlc_text_word(b + length - 8))) == 0;
}

/// The slot that holds the token, or the free one where it belongs.
static inline __attribute__((always_inline)) mtlc_text_slot *
mtlc_text_find(const mtlc_text_table *table, mtlc_text_key key, const uint8_t *text) {
  uint64_t s = key.hash & table->mask;
  while (1) {
    mtlc_text_slot *slot = &table->slots[s];
    if (__builtin_expect(slot->entry < 0, 0)) return slot;
    if (((slot->low ^ key.low) | (slot->high ^ key.high) | (slot->length ^ key.length)) == 0 &&
        (key.length <= 16 ||
         mtlc_text_equal(table->arena + table->entries[slot->entry].offset, text, key.length)))
      return slot;
    s = (s + 1) & table->mask;
  }
}

/// The values of a column's tokens.
typedef struct mtlc_text_tokens_args {
  mtlc_text_fields fields;
  mtlc_text_table *table;
  int64_t *counts;        ///< By value, incremented; NULL: not counted.
  int32_t learns;         ///< New ASCII tokens are entered while there is room, with a value of
                          ///< their entry's number.
  int32_t missing_limit;  ///< Values below this are markers of a missing value.
  int64_t missing;        ///< Result: how many were, added up.
  int64_t unknown;        ///< Result: ASCII tokens not in the table, added up; their cell is 0.
  int32_t *cells;         ///< Result: of row r at cells[r * cell_stride].
  uint8_t *bytes;         ///< Where not NULL, cells go here: all values must be below 256, new ones
                          ///< too, so `entry_limit` at most that.
  int64_t cell_stride;
} mtlc_text_tokens_args;

/// Rows [first, last). Returns the first row whose token is not in the table and either is not
/// plain ASCII or would have to be entered without room for it, which the caller has to deal with;
/// or `last`.
int64_t mtlc_text_tokens(mtlc_text_tokens_args *args, int64_t first, int64_t last);

/// A column of a block.
typedef struct mtlc_text_column {
  mtlc_text_tokens_args *tokens;
  struct mtlc_text_numbers_args *numbers;  ///< Where `tokens` is NULL.
  int64_t row;  ///< Result: the first row that was not done.
} mtlc_text_column;

/// Rows [first, last) of several columns, few rows at a time, so that their text stays in the first
/// cache from one column to the next. A column ends where its function stops. `fetches` says that
/// another core wrote the text and its positions.
void mtlc_text_columns(mtlc_text_column *columns, int64_t count, int64_t first, int64_t last,
                       int32_t fetches);

/// A column of ids of which each, unless it is negative, is to be replaced by another.
typedef struct mtlc_text_settling {
  uint8_t *bytes;           ///< Its cell in row 0, one in a row; where NULL, `cells` counts.
  const uint8_t *byte_ids;  ///< 256.
  int32_t *cells;           ///< Its first cell in row 0, `width` in a row.
  const int32_t *ids;
  int64_t width, stride;
  int64_t zeros;  ///< Result: how many became 0, added up.
} mtlc_text_settling;

/// Rows [first, last).
void mtlc_text_settle(mtlc_text_settling *columns, int64_t count, int64_t first, int64_t last);

/// A short text that stands for a missing number.
typedef struct mtlc_text_marker {
  uint64_t word;
  uint32_t length;
} mtlc_text_marker;

/// The numbers of a column, correctly rounded.
typedef struct mtlc_text_numbers_args {
  mtlc_text_fields fields;
  const mtlc_text_marker *markers;  ///< Of up to 8 bytes; they give NaN.
  int64_t marker_count;
  uint64_t marker_lengths;  ///< Bit n: some marker has n bytes (63: or more).
  double *values;           ///< Result: of row r at values[r].
} mtlc_text_numbers_args;

/// Rows [first, last). Returns the first row that needs a closer look (a long marker, a number that
/// is hard to round, a text that is none), or `last`.
int64_t mtlc_text_numbers(mtlc_text_numbers_args *args, int64_t first, int64_t last);

/// Count, sum, range of the numbers that are not NaN, and the squares of their differences from
/// their mean, in an order that no machine changes.
typedef struct mtlc_text_moments {
  int64_t count;
  double mean, squares, minimum, maximum;  ///< All 0 when there is no number.
} mtlc_text_moments;

void mtlc_text_moments_of(const double *values, int64_t count, mtlc_text_moments *moments);

/// cells[r * stride] = values[r], NaN for NaN. Returns whether all are numbers that a float holds
/// exactly.
int32_t mtlc_text_keep(const double *values, int64_t count, float *cells, int64_t stride);

/// cells[r * stride] = (values[r] - offset) * scale as the nearest float that is finite, `missing`
/// for NaN.
void mtlc_text_normalize(const double *values, int64_t count, double offset, double scale,
                         float missing, float *cells, int64_t stride);

/// How each of some neighbouring cells is scaled, and again as many behind them.
typedef struct mtlc_text_scales {
  int64_t count;
  const double *offsets, *scales;
  const float *missing;
} mtlc_text_scales;

/// Each of `count` cells as `mtlc_text_normalize` would write its number. Cells with offset 0, scale 1
/// and NaN for a missing one stay.
void mtlc_text_rescale(float *cells, int64_t count, const mtlc_text_scales *scales);

#endif
