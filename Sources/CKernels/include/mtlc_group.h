#ifndef MTLC_GROUP_H
#define MTLC_GROUP_H

#include <stdint.h>

#include "mtlc_enum.h"

// Rows that follow each other with equal pairs of numbers in `groups` are one group; a row of two zeros
// is a group of its own.

typedef enum mtlc_group_kind {
  MTLC_GROUP_SUM = 0,
  MTLC_GROUP_MAX = 1,
} mtlc_group_kind;

enum { MTLC_GROUP_COUNT = MTLC_GROUP_MAX + 1 };

/// y[i] = the sum or the maximum of x[j] over the rows j of row i's group, column by column. A maximum
/// with NaN is NaN.
typedef struct mtlc_group_args {
  int64_t rows;  ///< Extent.
  int64_t cols;
  mtlc_group_kind kind;
  int32_t reserved;
  const float *x;
  int64_t ldx;
  const int32_t *groups;
  int64_t ld_groups;
  float *y;
  int64_t ldy;
} mtlc_group_args;

int64_t mtlc_group_tiles(const mtlc_group_args *args);
void mtlc_group_run(const mtlc_group_args *args, int64_t first, int64_t last);

/// f(d).
typedef enum mtlc_pair_function {
  MTLC_PAIR_ONE = 0,        ///< 1
  MTLC_PAIR_LOGISTIC = 1,   ///< ln(1 + exp(-d))
  MTLC_PAIR_SLOPE = 2,      ///< -1 / (1 + exp(d))
  MTLC_PAIR_CURVATURE = 3,  ///< exp(-d) / (1 + exp(-d))^2
} mtlc_pair_function;

enum { MTLC_PAIR_FUNCTION_COUNT = MTLC_PAIR_CURVATURE + 1 };

typedef enum mtlc_pair_side {
  MTLC_PAIR_LOWER = 0,
  MTLC_PAIR_HIGHER = 1,
} mtlc_pair_side;

enum { MTLC_PAIR_SIDE_COUNT = MTLC_PAIR_HIGHER + 1 };

/// out[i] = sum of factors[j] f(d) over the rows j of row i's group with labels[j] < labels[i] (LOWER)
/// or labels[j] > labels[i] (HIGHER); d is the score of the row with the higher label less that of the
/// other one.
typedef struct mtlc_group_pairs_args {
  int64_t rows;  ///< Extent.
  mtlc_pair_function function;
  mtlc_pair_side side;
  const float *factors;
  int64_t ld_factors;
  const float *scores;
  int64_t ld_scores;
  const float *labels;
  int64_t ld_labels;
  const int32_t *groups;
  int64_t ld_groups;
  float *out;
  int64_t ld_out;
} mtlc_group_pairs_args;

int64_t mtlc_group_pairs_tiles(const mtlc_group_pairs_args *args);
void mtlc_group_pairs_run(const mtlc_group_pairs_args *args, int64_t first, int64_t last);

#endif
