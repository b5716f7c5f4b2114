// Tokens of a column, looked up in a hash table.
#ifndef MTLC_KERNEL_TEXT_TOKENS_H
#define MTLC_KERNEL_TEXT_TOKENS_H

#include "mtlc_text.h"
#include "../support/simd.h"

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
  // The instruction knows only the lowest 8 bits of a count.
  const uint32_t count = length < 16 ? length : 16;
  __m128i head = _mm_maskz_loadu_epi8((__mmask16)_bzhi_u32(0xFFFF, count), text);
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

/// The place among the recent ones: the length and the first and last 8 bytes decide.
INLINE uint64_t text_place(uint64_t length, uint64_t head, uint64_t tail) {
  return _mm_crc32_u64(_mm_crc32_u64(length, head), tail) % MTLC_TEXT_RECENT;
}

/// The first 8 bytes of a text, zeros behind a shorter one. What a length above 31 gives is always
/// the same.
INLINE uint64_t text_head(const uint8_t *text, uint64_t length) {
  return _bzhi_u64(mtlc_text_word(text), (uint32_t)(8 * length));
}

/// The value of row `row`, whose text is not among the recent ones, where it now is in place
/// `place`; -1: the caller has to deal with it. Apart from the loop, which needs the registers.
/// `raw` bytes at `text` are what is compared, of a field of a plain block where `plain`.
static __attribute__((noinline)) int64_t text_missed(mtlc_text_tokens_args *t, int64_t row,
                                                     const uint8_t *text, uint64_t raw,
                                                     uint64_t place, int plain) {
  mtlc_text_recent *recent = t->table->recent;
  const int64_t unknown = t->unknown;
  mtlc_text_range range = mtlc_text_field(&t->fields, row);
  const uint8_t *token = t->fields.text + range.start;
  int32_t value;
  recent->missed++;
  if (!text_resolve(t, text_key(token, range.end - range.start), token, &value)) return -1;
  if (raw > MTLC_TEXT_RECENT_BYTES || unknown != t->unknown) return value;
  __m512i line = _mm512_maskz_loadu_epi8(_bzhi_u64(~0ull, (uint32_t)raw), text);
  // Else a shorter field of a plain block could be taken for the beginning of this one.
  if (!plain && (_mm512_cmpeq_epi8_mask(line, _mm512_set1_epi8((char)t->fields.delimiter)) |
                 _mm512_cmpeq_epi8_mask(line, _mm512_set1_epi8('\n'))))
    return value;
  _mm512_store_si512(recent->texts[place], line);
  recent->lengths[place] = plain ? UINT32_MAX : (uint32_t)raw;
  recent->values[place] = value;
  return value;
}

/// Looks first among the texts that were found before, of which most columns have few: there a
/// text of any length up to 64 bytes is compared at once, so that no branch depends on it.
///
/// Fields of a plain block are compared as they stand, from behind the delimiter before them to the
/// one after them, so that nothing is trimmed but what is new.
INLINE int64_t text_tokens_recent(mtlc_text_tokens_args *t, int64_t first, int64_t last,
                                  const int counted, const int narrow, const int plain) {
  const mtlc_text_recent *recent = t->table->recent;
  const uint8_t *text = t->fields.text;
  const int64_t step = t->fields.stride;
  const uint32_t *start = t->fields.starts + first * step;
  const uint32_t *stop = t->fields.starts + last * step;
  const int64_t to_end = t->fields.ends - t->fields.starts;
  int64_t *counts = t->counts;
  const int64_t stride = t->cell_stride;
  const int32_t limit = t->missing_limit;
  int32_t *cell = narrow ? 0 : t->cells + first * stride;
  uint8_t *byte = narrow ? t->bytes + first * stride : 0;
  int64_t missing = 0;
  for (; start != stop; start += step) {
    // The byte before a plain field is at *start, 2^32 - 1 for that before the text.
    const uint64_t length = start[to_end] - *start;
    const uint8_t *token = text + (uint32_t)(*start + (plain ? 1 : 0));
    const __m512i line = _mm512_loadu_si512(token);
    const uint64_t tail = mtlc_text_word(token + length - 8);
    const uint64_t place = text_place(
        length, text_head(token, length), __builtin_unpredictable(length < 8) ? 0 : tail);
    const __mmask64 mask = _bzhi_u64(~0ull, length < 64 ? (uint32_t)length : 64);
    int64_t value = recent->values[place];
    if (__builtin_expect(
            _mm512_mask_cmpneq_epi8_mask(mask, line, _mm512_load_si512(recent->texts[place])) != 0,
            0) ||
        (!plain && __builtin_expect(recent->lengths[place] != length, 0))) {
      value = text_missed(t, last - (stop - start) / step, token, length, place, plain);
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

#endif

INLINE int64_t text_tokens_of(mtlc_text_tokens_args *t, int64_t first, int64_t last,
                              const int counted, const int narrow) {
#if defined(MTLC_AVX512)
  mtlc_text_recent *recent = t->table->recent;
  if (recent && recent->rest <= 0 && t->fields.delimiter != 0) {
    recent->missed = 0;
    // Fields that were cut out are trimmed already, and start where they start.
    int64_t row = t->fields.bias ? text_tokens_recent(t, first, last, counted, narrow, 1)
                                 : text_tokens_recent(t, first, last, counted, narrow, 0);
    // Many different texts: the table itself, whose lines are fetched ahead, is faster then.
    if (recent->missed > 16 && recent->missed > (row - first) / 4)
      recent->rest = 64 * (row - first);
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
