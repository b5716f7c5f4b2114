#include "mtlc_mixture.h"

#include "mixture_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_mixture_tiles(const mtlc_mixture_args *args) {
  return mixture_cut(args->rows, args->gate_sizes, args->gate_count, args->width).tiles;
}

void mtlc_mixture_run(const mtlc_mixture_args *args, int64_t first, int64_t last) {
  mtlc_table()->mixture(args, first, last);
}

int64_t mtlc_mixture_gradient_tiles(const mtlc_mixture_gradient_args *args) {
  return mixture_cut(args->rows, args->gate_sizes, args->gate_count, args->width).tiles;
}

void mtlc_mixture_gradient_run(const mtlc_mixture_gradient_args *args, int64_t first,
                               int64_t last) {
  mtlc_table()->mixture_gradient(args, first, last);
}
