#include "mtlc_convolution.h"

#include "convolution_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_convolution_tiles(const mtlc_convolution_args *args) { return conv_tiles(args); }

void mtlc_convolution_run(const mtlc_convolution_args *args, int64_t first, int64_t last) {
  mtlc_table()->convolution(args, first, last);
}

int64_t mtlc_pool_tiles(const mtlc_pool_args *args) { return args->count; }

void mtlc_pool_run(const mtlc_pool_args *args, int64_t first, int64_t last) {
  mtlc_table()->pool(args, first, last);
}
