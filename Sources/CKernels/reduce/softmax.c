#include "mtlc_softmax.h"

#include "../support/row_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_softmax_tiles(const mtlc_softmax_args *args) {
  return args->cols > 0 ? row_cut_of(args->rows, args->cols * 8).tiles : 0;
}

void mtlc_softmax_run(const mtlc_softmax_args *args, int64_t first, int64_t last) {
  if (args->cols > 0) mtlc_table()->softmax(args, first, last);
}

int64_t mtlc_softmax_gradient_tiles(const mtlc_softmax_gradient_args *args) {
  return args->cols > 0 ? row_cut_of(args->rows, args->cols * 4).tiles : 0;
}

void mtlc_softmax_gradient_run(const mtlc_softmax_gradient_args *args, int64_t first,
                               int64_t last) {
  if (args->cols > 0) mtlc_table()->softmax_gradient(args, first, last);
}
