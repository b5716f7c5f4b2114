// The rows of a batch by the rows of a one-hot weight that they select.
#ifndef MTLC_KERNEL_ONEHOT_LISTS_H
#define MTLC_KERNEL_ONEHOT_LISTS_H

#include "mtlc_embedding.h"
#include "../support/simd.h"

/// Features whose rows are stepped together: as many as the lists have room for. A single feature
/// within the limits of an update always has.
enum { GROUP_ROWS = MTLC_ONEHOT_UPDATE_ROWS, GROUP_ENTRIES = 8192, GROUP_FEATURES = 128 };

/// The weight's rows of a feature that are to be stepped.
typedef struct {
  int64_t column;      // of its id
  int64_t vocabulary;  // an id from here on counts as 0
  int64_t low, count;  // ids
  int64_t row;         // the weight's row of id `low`
  int64_t slot;        // where the lists hold that row
} group_feature;

/// Each row of the weight has a slot with the list of the batch's rows that select it, in the order
/// of the batch.
typedef struct {
  int64_t count, slots, present;
  group_feature features[GROUP_FEATURES];
  int16_t head[GROUP_ROWS];     // of a slot: the first row of the batch, -1 for none
  int16_t next[GROUP_ENTRIES];  // of a feature and a row of the batch: the next one, -1 at the end
  // The slots with a list, the first to be stepped at the end; their features, and where they end.
  // One more than there can be, which is written and not counted.
  int16_t chosen[GROUP_ROWS + 1], owner[GROUP_ROWS + 1], last[GROUP_ROWS + 1];
} onehot_group;

/// Takes in features from f on that have rows among the weight's [i0, i1). Returns the feature
/// after the last.
INLINE int64_t gather_features(const mtlc_onehot_gradient_args *t, int64_t f, int64_t i0,
                               int64_t i1, onehot_group *group) {
  group->count = group->slots = 0;
  for (; f < t->feature_count; f++) {
    int64_t offset = t->row_offsets[f];
    int64_t low = max_int(0, i0 - offset), high = min_int(t->row_counts[f], i1 - offset);
    if (low >= high) continue;
    if (group->count == GROUP_FEATURES || group->slots + high - low > GROUP_ROWS ||
        (group->count + 1) * t->rows > GROUP_ENTRIES)
      break;
    group->features[group->count++] =
        (group_feature){.column = t->id_columns[f], .vocabulary = t->row_counts[f], .low = low,
                        .count = high - low, .row = offset + low, .slot = group->slots};
    group->slots += high - low;
  }
  return f;
}

/// Lists the rows of the batch; where only absent rows matter, `listed` = 0 leaves out all but
/// whether there is one.
INLINE void list_rows(const mtlc_onehot_gradient_args *t, onehot_group *group, const int listed) {
  for (int64_t k = 0; k < group->slots; k++) group->head[k] = -1;
  int64_t present = 0;
  // From the last row to the first, each in front of those that follow it.
  for (int64_t i = t->rows - 1; i >= 0; i--) {
    const int32_t *ids = t->ids + i * t->ld_ids;
    for (int64_t g = 0; g < group->count; g++) {
      const group_feature *feature = &group->features[g];
      int64_t id = ids[feature->column];
      if (id >= feature->vocabulary) id = 0;
      uint64_t k = (uint64_t)(id - feature->low);
      if (k >= (uint64_t)feature->count) continue;
      int64_t slot = feature->slot + (int64_t)k;
      int16_t follower = group->head[slot];
      group->head[slot] = (int16_t)i;
      if (!listed) continue;
      group->next[g * t->rows + i] = follower;
      // Written down first: a choice would be an unpredictable one.
      group->chosen[present] = (int16_t)slot;
      group->owner[present] = (int16_t)g;
      group->last[present] = (int16_t)i;
      present += follower < 0;
    }
  }
  group->present = present;
}

/// Instead of by the row of the batch that ends their lists: the slots with a list in the order of
/// the weight's rows.
INLINE void order_by_weight(onehot_group *group) {
  int64_t present = 0;
  for (int64_t g = group->count - 1; g >= 0; g--) {
    const group_feature *feature = &group->features[g];
    for (int64_t slot = feature->slot + feature->count - 1; slot >= feature->slot; slot--) {
      group->chosen[present] = (int16_t)slot;
      group->owner[present] = (int16_t)g;
      group->last[present] = 0;
      present += group->head[slot] >= 0;
    }
  }
}

#endif
