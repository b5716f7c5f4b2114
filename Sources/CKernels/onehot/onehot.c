#include "mtlc_embedding.h"
#include "../isa/kernel_table.h"

// Tiles are cut the same way in every variant; any vector size serves to include the header.
#define MTLC_VECTOR_BYTES 16
#include "onehot_cut.h"

static int64_t tiles_of(matmul_cut cut) { return cut.row_blocks * cut.column_blocks; }

int64_t mtlc_onehot_linear_tiles(const mtlc_onehot_linear_args *args) {
  return args->rows > 0 && args->n > 0 ? tiles_of(onehot_linear_cut(args)) : 0;
}

void mtlc_onehot_linear_run(const mtlc_onehot_linear_args *args, int64_t first, int64_t last) {
  mtlc_table()->onehot_linear(args, first, last);
}

int64_t mtlc_onehot_gradient_tiles(const mtlc_onehot_gradient_args *args) {
  return args->n > 0 ? tiles_of(onehot_gradient_cut(args)) : 0;
}

void mtlc_onehot_gradient_run(const mtlc_onehot_gradient_args *args, int64_t first, int64_t last) {
  mtlc_table()->onehot_gradient(args, first, last);
}
