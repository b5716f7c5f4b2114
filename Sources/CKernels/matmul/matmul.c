#include "mtlc_matmul.h"

#include "../isa/kernel_table.h"

// Tiles are cut the same way in every variant; any vector size serves to include the header.
#define MTLC_VECTOR_BYTES 16
#include "matmul_cut.h"

int64_t mtlc_matmul_tiles(const mtlc_matmul_args *args) {
  if (args->n == 0 || args->groups == 0) return 0;
  if (args->m == 0 && !args->colsum && !args->colsum_update) return 0;
  matmul_cut cut = matmul_cut_of(args);
  return cut.row_blocks * cut.column_blocks * args->groups;
}

void mtlc_matmul_run(const mtlc_matmul_args *args, int64_t first, int64_t last) {
  mtlc_table()->matmul(args, first, last);
}
