// How the rows of groups are cut into tiles. A group may lie in several of them; each then goes through
// the whole group, so that a row's sum does not depend on the cut.
#ifndef MTLC_KERNEL_GROUP_CUT_H
#define MTLC_KERNEL_GROUP_CUT_H

#include "mtlc_group.h"
#include "../support/row_cut.h"

static inline row_cut group_cut_of(const mtlc_group_args *t) {
  return row_cut_of(t->rows, t->cols * 4);
}

static inline row_cut group_pairs_cut_of(const mtlc_group_pairs_args *t) {
  return row_cut_of(t->rows, 128);
}

#endif
