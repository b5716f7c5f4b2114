#include "mtlc_elementwise.h"

#include "elementwise_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_elementwise_tiles(const mtlc_elementwise_args *args) {
  elementwise_cut cut;
  elementwise_cut_of(args, &cut);
  return cut.tiles;
}

int64_t mtlc_elementwise_scratch(const mtlc_elementwise_args *args) {
  // Asked before the executor has either: answer for the case that it will have both.
  float some;
  int64_t other;
  mtlc_elementwise_args as = *args;
  as.scratch = &some;
  as.counter = &other;
  elementwise_cut cut;
  elementwise_cut_of(&as, &cut);
  return cut.tiles * cut.partial_width;
}

void mtlc_elementwise_run(const mtlc_elementwise_args *args, int64_t first, int64_t last) {
  mtlc_table()->elementwise(args, first, last);
}
