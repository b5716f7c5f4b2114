// Tokens of a column, looked up in a hash table.
#ifndef MTLC_TEXT_TOKENS_KERNEL_H
#define MTLC_TEXT_TOKENS_KERNEL_H

#include "mtlc_text.h"
#include "simd.h"

/// Keys worked out before the first is looked up, so that their lines of the table arrive together.
enum { TOKENS_AHEAD = 16 };

INLINE int text_is_ascii(const uint8_t *text, uint32_t length) {
  uint8_t all = 0;
  for (uint32_t i = 0; i < length; i++) all |= text[i];
  return all < 0x80;
}

/// Enters a token at its free slot; 0 when there is no room or it is not plain ASCII.
static int text_enter(mtlc_text_table *t, mtlc_text_slot *slot, mtlc_text_key key,
                      const uint8_t *text) {
  if (t->entry_count >= t->entry_limit) return 0;
  if (t->arena_used + key.length + MTLC_TEXT_PADDING > t->arena_capacity) return 0;
  if (!text_is_ascii(text, key.length)) return 0;
  int32_t entry = (int32_t)t->entry_count++;
  t->entries[entry] = (mtlc_text_entry){t->arena_used, key.length, entry};
  memcpy(t->arena + t->arena_used, text, key.length);
  t->arena_used += key.length;
  *slot = (mtlc_text_slot){key.low, key.high, key.length, key.hash, entry, entry};
  return 1;
}

INLINE mtlc_text_key text_key(const uint8_t *text, uint32_t length) {
#if defined(MTLC_AVX512)
  mtlc_text_key key = {0, 0, length, 0};
  __m128i head = _mm_maskz_loadu_epi8((__mmask16)_bzhi_u32(0xFFFF, length), text);
  memcpy(&key.low, &head, 16);
  key.hash = mtlc_text_hash(key.low, key.high, text, length);
  return key;
#else
  return mtlc_text_key_of(text, length);
#endif
}

/// Looks one token up, or enters it; 0 when the caller has to.
INLINE int text_resolve(mtlc_text_tokens_args *t, mtlc_text_key key, const uint8_t *text,
                        int32_t *value) {
  mtlc_text_slot *slot = mtlc_text_find(t->table, key, text);
  if (__builtin_expect(slot->entry < 0, 0)) {
    if (!t->learns) {
      if (!text_is_ascii(text, key.length)) return 0;
      // Values of missing markers are below the limit too: this is none.
      t->unknown++;
      t->missing -= 0 < t->missing_limit;
      *value = 0;
      return 1;
    }
    if (!text_enter(t->table, slot, key, text)) return 0;
  }
  *value = slot->value;
  return 1;
}

INLINE int64_t text_tokens_as(mtlc_text_tokens_args *t, int64_t first, int64_t last,
                              const int counted, const int narrow) {
  const mtlc_text_fields fields = t->fields;
  const uint8_t *text = fields.text;
  int64_t *counts = t->counts;
  const int64_t stride = t->cell_stride;
  const int32_t limit = t->missing_limit;
  int32_t *cell = narrow ? 0 : t->cells + first * stride;
  uint8_t *byte = narrow ? t->bytes + first * stride : 0;
  int64_t missing = 0;
  int64_t row = first;
  while (row < last) {
    mtlc_text_key keys[TOKENS_AHEAD];
    uint32_t starts[TOKENS_AHEAD];
    int64_t n = min_int(TOKENS_AHEAD, last - row), k = 0;
    // A copy, so that no store makes it be read again.
    const mtlc_text_table table = *t->table;
    for (; k < n; k++) {
      mtlc_text_range range = mtlc_text_field(&fields, row + k);
      starts[k] = range.start;
      keys[k] = text_key(text + range.start, range.end - range.start);
      __builtin_prefetch(&table.slots[keys[k].hash & table.mask]);
    }
    for (k = 0; k < n; k++) {
      const uint8_t *token = text + starts[k];
      mtlc_text_slot *slot = mtlc_text_find(&table, keys[k], token);
      int32_t value = slot->value;
      if (__builtin_expect(slot->entry < 0, 0) && !text_resolve(t, keys[k], token, &value)) break;
      if (counted) counts[value]++;
      missing += value < limit;
      if (narrow) {
        *byte = (uint8_t)value;
        byte += stride;
      } else {
        *cell = value;
        cell += stride;
      }
    }
    row += k;
    if (k < n) break;
  }
  t->missing += missing;
  return row;
}

#if defined(MTLC_AVX512)

/// The place of a text among the recent ones: its length and its first and last 8 bytes decide.
INLINE uint64_t text_place(__m512i line, const uint8_t *token, uint64_t length) {
  const uint64_t head = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(line));
  // No branch on the length, which many columns mix.
  const uint64_t tail = mtlc_text_word(token + (length > 8 ? length : 8) - 8);
  const uint64_t rest = __builtin_unpredictable(length > 8) ? tail : 0;
  const uint64_t hash = _mm_crc32_u64(_mm_crc32_u64(length, head), rest);
  return (hash ^ hash >> 8) % MTLC_TEXT_RECENT;
}

/// The value of a text that is not among the recent ones, where it now is; -1: the caller has to
/// deal with it. Apart from the loop, which needs the registers.
static __attribute__((noinline)) int64_t text_missed(mtlc_text_tokens_args *t, const uint8_t *token,
                                                     uint32_t length) {
  mtlc_text_recent *recent = t->table->recent;
  const int64_t unknown = t->unknown;
  int32_t value;
  recent->missed++;
  if (!text_resolve(t, text_key(token, length), token, &value)) return -1;
  if (length <= MTLC_TEXT_RECENT_BYTES && unknown == t->unknown) {
    __m512i line = _mm512_maskz_loadu_epi8(_bzhi_u64(~0ull, length), token);
    const uint64_t place = text_place(line, token, length);
    _mm512_store_si512(recent->texts[place], line);
    recent->found[place].length = length;
    recent->found[place].value = value;
  }
  return value;
}

/// Looks first among the texts that were found before, of which most columns have few: there a
/// text of any length up to 64 bytes is compared at once, so that no branch depends on it.
INLINE int64_t text_tokens_recent(mtlc_text_tokens_args *t, int64_t first, int64_t last,
                                  const int counted, const int trims, const uint32_t bias,
                                  const int narrow) {
  const mtlc_text_recent *recent = t->table->recent;
  const uint8_t *text = t->fields.text;
  const int64_t step = t->fields.stride;
  const uint32_t *start = t->fields.starts + first * step;
  const uint32_t *stop = t->fields.starts + last * step;
  const int64_t to_end = t->fields.ends - t->fields.starts;
  const uint32_t cut = t->fields.cut;
  int64_t *counts = t->counts;
  const int64_t stride = t->cell_stride;
  const int32_t limit = t->missing_limit;
  int32_t *cell = narrow ? 0 : t->cells + first * stride;
  uint8_t *byte = narrow ? t->bytes + first * stride : 0;
  int64_t missing = 0;
  for (; start != stop; start += step) {
    mtlc_text_range r = {*start + bias, start[to_end] - cut};
    if (trims) {
      r.start += text[r.start] == 32;
      // What is before an empty field is no letter either, and the longer way is as right.
      if (__builtin_expect(text[r.start] <= 32, 0) ||
          __builtin_expect(text[(uint64_t)r.end - 1] <= 32, 0))
        r = r.start < r.end ? mtlc_text_trim(&t->fields, r) : r;
    }
    const uint64_t length = r.end - r.start;
    const uint8_t *token = text + r.start;
    const __m512i line = _mm512_maskz_loadu_epi8(_bzhi_u64(~0ull, length), token);
    const uint64_t place = text_place(line, token, length);
    int64_t value = recent->found[place].value;
    // Not one condition: the two comparisons go on side by side.
    if (__builtin_expect(
            _mm512_cmpneq_epi8_mask(line, _mm512_load_si512(recent->texts[place])) != 0, 0) ||
        __builtin_expect(recent->found[place].length != length, 0)) {
      value = text_missed(t, token, (uint32_t)length);
      if (value < 0) break;
    }
    if (counted) counts[value]++;
    missing += value < limit;
    if (narrow) {
      *byte = (uint8_t)value;
      byte += stride;
    } else {
      *cell = (int32_t)value;
      cell += stride;
    }
  }
  t->missing += missing;
  return last - (stop - start) / step;
}

INLINE int64_t text_tokens_among_recent(mtlc_text_tokens_args *t, int64_t first, int64_t last,
                                        const int counted, const int narrow) {
  if (t->fields.trims) return text_tokens_recent(t, first, last, counted, 1, 1, narrow);
  if (t->fields.bias) return text_tokens_recent(t, first, last, counted, 0, 1, narrow);
  return text_tokens_recent(t, first, last, counted, 0, 0, narrow);
}

#endif

INLINE int64_t text_tokens_of(mtlc_text_tokens_args *t, int64_t first, int64_t last,
                              const int counted, const int narrow) {
#if defined(MTLC_AVX512)
  mtlc_text_recent *recent = t->table->recent;
  if (recent && recent->rest <= 0 && t->fields.bias <= 1 &&
      (!t->fields.trims || (t->fields.delimiter != 32 && t->fields.bias == 1))) {
    recent->missed = 0;
    int64_t row = text_tokens_among_recent(t, first, last, counted, narrow);
    // Many different texts: the table itself, whose lines are fetched ahead, is faster then.
    if (recent->missed > 16 && recent->missed > (row - first) / 4) recent->rest = 64 * (row - first);
    return row;
  }
  if (recent) recent->rest -= last - first;
#endif
  return text_tokens_as(t, first, last, counted, narrow);
}

static int64_t text_tokens_run(mtlc_text_tokens_args *t, int64_t first, int64_t last) {
  if (t->bytes)
    return t->counts ? text_tokens_of(t, first, last, 1, 1) : text_tokens_of(t, first, last, 0, 1);
  return t->counts ? text_tokens_of(t, first, last, 1, 0) : text_tokens_of(t, first, last, 0, 0);
}

#endif
