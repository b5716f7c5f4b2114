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

INLINE int64_t text_tokens_as(mtlc_text_tokens_args *t, int64_t first, int64_t last,
                              const int counted) {
  const mtlc_text_fields fields = t->fields;
  // A copy, so that no store to a cell makes it be read again.
  mtlc_text_table table = *t->table;
  const uint8_t *text = fields.text;
  int64_t *counts = t->counts;
  const int64_t stride = t->cell_stride;
  const int32_t limit = t->missing_limit;
  int32_t *cell = t->cells + first * stride;
  int64_t missing = 0;
  int64_t row = first;
  while (row < last) {
    mtlc_text_key keys[TOKENS_AHEAD];
    uint32_t starts[TOKENS_AHEAD];
    int64_t n = min_int(TOKENS_AHEAD, last - row), k = 0;
    for (; k < n; k++) {
      mtlc_text_range range = mtlc_text_field(&fields, row + k);
      starts[k] = range.start;
      keys[k] = text_key(text + range.start, range.end - range.start);
      __builtin_prefetch(&table.slots[keys[k].hash & table.mask]);
    }
    for (k = 0; k < n; k++) {
      mtlc_text_slot *slot = mtlc_text_find(&table, keys[k], text + starts[k]);
      if (__builtin_expect(slot->entry < 0, 0)) {
        if (!t->learns || !text_enter(t->table, slot, keys[k], text + starts[k])) break;
        table = *t->table;
      }
      int32_t value = slot->value;
      if (counted) counts[value]++;
      missing += value < limit;
      *cell = value;
      cell += stride;
    }
    row += k;
    if (k < n) break;
  }
  t->missing += missing;
  return row;
}

static int64_t text_tokens_run(mtlc_text_tokens_args *t, int64_t first, int64_t last) {
  return t->counts ? text_tokens_as(t, first, last, 1) : text_tokens_as(t, first, last, 0);
}

#endif
