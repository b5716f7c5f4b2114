// How lookups are cut: gathers by rows of the batch, scatters by a hash of the id.
#ifndef MTLC_KERNEL_EMBEDDING_CUT_H
#define MTLC_KERNEL_EMBEDDING_CUT_H

#include "mtlc_embedding.h"
#include "../support/row_cut.h"

enum { SCATTER_PARTS = 16, SCATTER_WORK = 4096 };

static inline int64_t lookup_work(const mtlc_embedding_feature *features, int64_t count) {
  int64_t work = 0;
  for (int64_t f = 0; f < count; f++) work += features[f].length * (features[f].dim + 16);
  return work;
}

static inline row_cut gather_cut(const mtlc_gather_args *t) {
  return row_cut_of(t->rows, lookup_work(t->features, t->feature_count));
}

/// 1 or SCATTER_PARTS: the hash has four bits.
static inline int64_t scatter_parts(const mtlc_scatter_add_args *t) {
  return t->rows * lookup_work(t->features, t->feature_count) >= SCATTER_WORK ? SCATTER_PARTS : 1;
}

#endif
