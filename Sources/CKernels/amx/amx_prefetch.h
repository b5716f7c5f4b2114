// What a block of tile products asks for while it is at work: the memory of its epilogue, and the
// rows of A that are split next.
#ifndef MTLC_KERNEL_AMX_PREFETCH_H
#define MTLC_KERNEL_AMX_PREFETCH_H

#include "amx_split.h"

enum { AHEAD_RANGES = 8, AHEAD_LINE = 64 };

/// Some lines of each of some rows.
typedef struct {
  const char *at;
  int64_t stride;  // From row to row, in bytes.
  int32_t rows, lines, per_call;
  int32_t writes;
} ahead_range;

typedef struct {
  ahead_range ranges[AHEAD_RANGES];
  int32_t count;
} amx_ahead;

/// Numbers [0, columns) of `rows` rows, in so many calls.
INLINE void ahead_of(amx_ahead *a, const float *from, int64_t ld, int64_t rows, int64_t columns,
                     int64_t calls, int writes) {
  if (rows <= 0 || columns <= 0) return;
  a->ranges[a->count++] = (ahead_range){
      .at = (const char *)from,
      .stride = ld * (int64_t)sizeof(float),
      .rows = (int32_t)rows,
      .lines = (int32_t)ceil_div(columns * (int64_t)sizeof(float), AHEAD_LINE),
      .per_call = (int32_t)ceil_div(rows, calls),
      .writes = writes,
  };
}

INLINE void look_ahead(amx_ahead *a) {
  for (int32_t i = 0; i < a->count; i++) {
    ahead_range *g = &a->ranges[i];
    for (int32_t n = 0; n < g->per_call && g->rows > 0; n++, g->rows--, g->at += g->stride)
      for (int32_t l = 0; l < g->lines; l++)
        if (g->writes)
          __builtin_prefetch(g->at + l * AHEAD_LINE, 1, 3);
        else
          __builtin_prefetch(g->at + l * AHEAD_LINE, 0, 3);
  }
}

#endif
