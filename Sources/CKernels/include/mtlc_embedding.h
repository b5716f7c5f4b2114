#ifndef MTLC_EMBEDDING_H
#define MTLC_EMBEDDING_H

#include "mtlc_activation.h"
#include "mtlc_optimizer.h"

// Tables looked up by id. Ids are int32: a negative one is padding and contributes nothing, one
// beyond the table reads row 0, the out-of-vocabulary row.

typedef enum mtlc_pooling {
  MTLC_POOLING_CONCAT = 0,  // `length` rows side by side: length * dim columns; padding gives 0
  MTLC_POOLING_SUM = 1,
  MTLC_POOLING_MEAN = 2,  // over the ids that are not padding; 0 if all are
} mtlc_pooling;

enum { MTLC_POOLING_COUNT = MTLC_POOLING_MEAN + 1 };

/// One lookup: ids in columns [id_column, id_column + length) of the id matrix.
typedef struct mtlc_embedding_feature {
  const float *table;  ///< [table_rows, dim], row stride ld_table (gather).
  float *gradient;     ///< Same layout (scatter_add); features may share one table.
  int64_t table_rows, dim, ld_table;
  int64_t id_column, length;
  int64_t out_column;
  mtlc_pooling pooling;
  int32_t reserved;
} mtlc_embedding_feature;

/// out[rows, columns of all features] = pooled table rows.
typedef struct mtlc_gather_args {
  int64_t rows;  ///< Extent: the batch.
  int64_t feature_count;
  const mtlc_embedding_feature *features;
  const int32_t *ids;
  int64_t ld_ids;
  float *out;
  int64_t ld_out;
} mtlc_gather_args;

int64_t mtlc_gather_tiles(const mtlc_gather_args *args);
void mtlc_gather_run(const mtlc_gather_args *args, int64_t first, int64_t last);

/// gradient rows += d_out, pooled; gradients hold their earlier contents (zero to begin with).
typedef struct mtlc_scatter_add_args {
  int64_t rows;  ///< Extent: the batch.
  int64_t feature_count;
  const mtlc_embedding_feature *features;
  const int32_t *ids;
  int64_t ld_ids;
  const float *d_out;
  int64_t ld_d_out;
} mtlc_scatter_add_args;

int64_t mtlc_scatter_add_tiles(const mtlc_scatter_add_args *args);
void mtlc_scatter_add_run(const mtlc_scatter_add_args *args, int64_t first, int64_t last);

/// What remains of a matmul whose left operand is one-hot columns:
/// out[rows, n] = activation(Σ_f weight[row_offsets[f] + id_f, :]  (+ out)  (+ bias)).
/// id_f is column id_columns[f] of ids; row_counts[f] rows belong to feature f.
typedef struct mtlc_onehot_linear_args {
  int64_t rows;  ///< Extent: the batch.
  int64_t n, feature_count;
  const int64_t *id_columns, *row_offsets, *row_counts;
  const int32_t *ids;
  int64_t ld_ids;
  const float *weight;
  int64_t ld_weight;
  const float *bias;  ///< [n] or NULL.
  float *out;
  int64_t ld_out;
  int32_t accumulate;
  mtlc_activation activation;
  int64_t activation_begin, activation_end;  ///< As in mtlc_matmul_args.
} mtlc_onehot_linear_args;

int64_t mtlc_onehot_linear_tiles(const mtlc_onehot_linear_args *args);
void mtlc_onehot_linear_run(const mtlc_onehot_linear_args *args, int64_t first, int64_t last);

/// The largest batch, and the most rows of a feature, that a weight can be stepped with at once.
enum { MTLC_ONEHOT_UPDATE_BATCH = 1024, MTLC_ONEHOT_UPDATE_ROWS = 4096 };

/// The rows of a weight that an update steps: all, those of ids that the batch lacks (d_out is not
/// read then), or those of ids that it has.
typedef enum mtlc_updated_rows {
  MTLC_ROWS_ALL = 0,
  MTLC_ROWS_ABSENT = 1,
  MTLC_ROWS_PRESENT = 2,
} mtlc_updated_rows;

enum { MTLC_ROWS_COUNT = MTLC_ROWS_PRESENT + 1 };

/// d_weight[row_offsets[f] + id_f, :] += d_out for every row and feature; d_bias as well.
typedef struct mtlc_onehot_gradient_args {
  int64_t rows;  ///< Extent: the batch.
  int64_t n, feature_count;
  const int64_t *id_columns, *row_offsets, *row_counts;
  const int32_t *ids;
  int64_t ld_ids;
  const float *d_out;
  int64_t ld_d_out;
  float *d_weight;  ///< Holds its earlier contents.
  int64_t ld_d_weight;
  float *d_bias;  ///< [n] or NULL; overwritten with the column sums of d_out.
  /// NULL, or: the sums are not added to d_weight but step a parameter that is laid out like it.
  /// The features' rows must not overlap; the limits above hold.
  const mtlc_optimizer_update *update;
  mtlc_updated_rows update_rows;
  int32_t reserved;
} mtlc_onehot_gradient_args;

int64_t mtlc_onehot_gradient_tiles(const mtlc_onehot_gradient_args *args);
void mtlc_onehot_gradient_run(const mtlc_onehot_gradient_args *args, int64_t first, int64_t last);

#endif
