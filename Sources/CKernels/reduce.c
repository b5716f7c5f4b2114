#include "mtlc_reduce.h"

#include <math.h>

int64_t mtlc_reduce_tiles(const mtlc_reduce_args *t) { return 1; }

void mtlc_reduce_run(const mtlc_reduce_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  int64_t kept[4], gone[4], o[4], r[4];
  for (int d = 0; d < 4; d++) {
    kept[d] = t->reduced[d] ? 1 : t->dims[d];
    gone[d] = t->reduced[d] ? t->dims[d] : 1;
  }
  for (o[0] = 0; o[0] < kept[0]; o[0]++)
    for (o[1] = 0; o[1] < kept[1]; o[1]++)
      for (o[2] = 0; o[2] < kept[2]; o[2]++)
        for (o[3] = 0; o[3] < kept[3]; o[3]++) {
          float v = t->kind == MTLC_REDUCE_SUM   ? 0
                    : t->kind == MTLC_REDUCE_MAX ? -INFINITY
                                                 : INFINITY;
          for (r[0] = 0; r[0] < gone[0]; r[0]++)
            for (r[1] = 0; r[1] < gone[1]; r[1]++)
              for (r[2] = 0; r[2] < gone[2]; r[2]++)
                for (r[3] = 0; r[3] < gone[3]; r[3]++) {
                  int64_t at = 0;
                  for (int d = 0; d < 4; d++) at += (o[d] + r[d]) * t->input_stride[d];
                  float x = t->input[at];
                  if (t->kind == MTLC_REDUCE_SUM)
                    v += x;
                  else if (t->kind == MTLC_REDUCE_MAX)
                    v = x > v || x != x ? x : v;
                  else
                    v = x < v || x != x ? x : v;
                }
          int64_t at = 0;
          for (int d = 0; d < 4; d++) at += o[d] * (t->reduced[d] ? 0 : t->output_stride[d]);
          t->output[at] = v * t->scale;
        }
}
