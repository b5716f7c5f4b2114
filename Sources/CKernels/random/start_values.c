#include "mtlc_start_values.h"

#include "../isa/kernel_table.h"

void mtlc_uniform_values(const mtlc_start_values_args *args) {
  mtlc_table()->uniform_values(args);
}

int64_t mtlc_normal_values(const mtlc_start_values_args *args) {
  return mtlc_table()->normal_values(args);
}
