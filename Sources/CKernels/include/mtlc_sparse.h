#ifndef MTLC_SPARSE_H
#define MTLC_SPARSE_H

#include <stdint.h>

#include "mtlc_embedding.h"

// Tables that are updated by rows: only rows whose gradient in this step is not zero are touched,
// neither their weights nor their states otherwise. g is the sum of the row's gradients, in the
// order of chunks of batch rows and in each of rows, sources and places (of sources with as many
// rows), times gradient_scale, plus l2 * p. SGD, ADAM and ADAGRAD are as in mtlc_optimizer.h; c1 and c2
// are those of the global step.
//
//   ROWWISE   s += mean of g² over the row;  p -= lr g / (sqrt(s) + eps)     (one s a row)
//   FTRL      n' = n + g²;  z += g - p (sqrt(n') - sqrt(n)) / lr;
//             p = |z| <= l1 ? 0 : (sign(z) l1 - z) / ((beta + sqrt(n')) / lr + ftrl_l2)
//             A row's first step sets z so that the rule gives the p it starts from. With lr = 0, as
//             at the end of a schedule, nothing changes.
typedef enum mtlc_sparse_kind {
  MTLC_SPARSE_SGD = 0,
  MTLC_SPARSE_ADAM = 1,
  MTLC_SPARSE_ADAGRAD = 2,
  MTLC_SPARSE_ROWWISE_ADAGRAD = 3,
  MTLC_SPARSE_FTRL = 4,
} mtlc_sparse_kind;

/// The same, to be counted and gone through.
#define MTLC_SPARSE_KINDS(X) X(SGD) X(ADAM) X(ADAGRAD) X(ROWWISE_ADAGRAD) X(FTRL)

enum { MTLC_SPARSE_COUNT = 0 MTLC_SPARSE_KINDS(MTLC_ONE_MORE) };

/// An id whose row is no row of this table, as padding is none, but which counts for the mean of its lookup: the row
/// is that of another process.
enum { MTLC_ROW_ELSEWHERE = INT32_MIN };

/// One lookup of the table: what it read, and the gradient of what it gave.
typedef struct mtlc_sparse_source {
  int64_t rows;        ///< Extent: the batch.
  const int32_t *ids;  ///< [rows, length]; NULL: row r has the id r.
  int64_t ld_ids, length;
  const float *d_out;  ///< At the lookup's first column.
  int64_t ld_d_out;
  mtlc_pooling pooling;
  int32_t reserved;
} mtlc_sparse_source;

/// The occurrences of a step are cut into chunks of consecutive rows, and those of a chunk into
/// parts by a hash of the id.
enum { MTLC_SPARSE_CHUNKS = 16, MTLC_SPARSE_MOST_PARTS = 512 };

/// One occurrence of an id.
typedef struct mtlc_sparse_record {
  int32_t id;
  uint32_t gradient;  ///< Where its gradient is, in elements from the lowest d_out of the sources.
} mtlc_sparse_record;

/// Links that are no place in the list of addends. Any other link says that the row is stepped at this
/// occurrence, and where the list of its gradients starts.
enum {
  MTLC_SPARSE_ELSEWHERE = -1,  ///< The row is stepped at another occurrence.
  MTLC_SPARSE_ALONE = -2,      ///< The row is stepped here; this is its only occurrence.
};

/// One gradient of a row that has several. A list starts with their number in place of the gradient.
typedef struct mtlc_sparse_addend {
  uint32_t gradient;  ///< As in the record.
  float scale;
} mtlc_sparse_addend;

/// Memory for the ids of one table in a step; `capacity` occurrences at most.
typedef struct mtlc_sparse_scratch {
  mtlc_sparse_record *records;  ///< [capacity], by chunk, then by part, in order within each.
  int32_t *links;               ///< [capacity], as the records.
  float *scales;                ///< [capacity], as the records, or NULL when no source takes means.
  /// [MTLC_SPARSE_CHUNKS, MTLC_SPARSE_MOST_PARTS + 1], of which the step uses its parts.
  int32_t *starts;
  mtlc_sparse_addend *addends;  ///< [3 * capacity / 2]
  int32_t *slots;    ///< [8 * capacity], for parts too large for the stack.
  int32_t *several;  ///< [capacity], for the same.
} mtlc_sparse_scratch;

typedef struct mtlc_sparse_args {
  mtlc_sparse_kind kind;
  float l2;
  int64_t source_count;
  const mtlc_sparse_source *sources;
  float *table;
  int64_t table_rows, dim, ld_table;
  float *state1, *state2;  ///< Laid out as the table; ROWWISE: state1[row].
  const mtlc_optimizer_hyper *hyper;
  mtlc_sparse_scratch *scratch;
} mtlc_sparse_args;

/// Sorts the occurrences of ids into parts. Needs the ids only, so it can run long before the
/// update.
int64_t mtlc_sparse_route_tiles(const mtlc_sparse_args *args);
void mtlc_sparse_route_run(const mtlc_sparse_args *args, int64_t first, int64_t last);

/// Finds the occurrences of the same id; after the routing is complete.
int64_t mtlc_sparse_group_tiles(const mtlc_sparse_args *args);
void mtlc_sparse_group_run(const mtlc_sparse_args *args, int64_t first, int64_t last);

/// Sums the gradients and steps the rows; after the grouping is complete.
int64_t mtlc_sparse_update_tiles(const mtlc_sparse_args *args);
void mtlc_sparse_update_run(const mtlc_sparse_args *args, int64_t first, int64_t last);

#endif
