#include "support.h"

static void check_reduce(const int64_t dims[4], const int32_t reduced[4], const int order[4],
                         mtlc_reduction kind) {
  mtlc_reduce_args t = {.kind = kind};
  int64_t in = 1, out = 1;
  for (int d = 3; d >= 0; d--) {
    t.dims[d] = dims[d], t.reduced[d] = reduced[d];
    t.output_stride[d] = reduced[d] ? 99 : out;
    if (!reduced[d]) out *= dims[d];
  }
  for (int d = 3; d >= 0; d--) {
    t.input_stride[order[d]] = in;
    in *= dims[order[d]];
    if (d == 3) in += random_below(2);
  }
  float *x = random_floats(in + 4), *y = random_floats(out);
  t.input = x, t.output = y;
  RUN_IN_PIECES(reduce, &t, 3);
  double *e = malloc((size_t)(out > 0 ? out : 1) * 8);
  for (int64_t i = 0; i < out; i++)
    e[i] = kind == MTLC_REDUCE_SUM ? 0 : kind == MTLC_REDUCE_MAX ? -INFINITY : INFINITY;
  int64_t i[4];
  for (i[0] = 0; i[0] < dims[0]; i[0]++)
    for (i[1] = 0; i[1] < dims[1]; i[1]++)
      for (i[2] = 0; i[2] < dims[2]; i[2]++)
        for (i[3] = 0; i[3] < dims[3]; i[3]++) {
          int64_t from = 0, to = 0;
          for (int d = 0; d < 4; d++) {
            from += i[d] * t.input_stride[d];
            if (!reduced[d]) to += i[d] * t.output_stride[d];
          }
          double v = x[from];
          e[to] = kind == MTLC_REDUCE_SUM ? e[to] + v
                  : kind == MTLC_REDUCE_MAX ? fmax(e[to], v)
                                            : fmin(e[to], v);
        }
  for (int64_t j = 0; j < out; j++) expect_near("reduce", y[j], e[j], 2e-5);
  float *once = copy_floats(y, out);
  RUN_IN_PIECES(reduce, &t, 1);
  expect_same("reduce at once", y, once, out * 4);
  free(x), free(y), free(e), free(once);
}

void selftest_reduce(void) {
  static const int64_t shapes[][4] = {{1, 1, 33, 17}, {1, 1, 1000, 2}, {2, 3, 5, 7},
                                      {1, 4, 1, 70},  {1, 1, 0, 5},    {3, 1, 200, 40}};
  static const int orders[][4] = {{0, 1, 2, 3}, {0, 1, 3, 2}, {3, 2, 1, 0}, {1, 3, 0, 2}};
  for (int s = 0; s < 6; s++)
    for (int mask = 0; mask < 16; mask++)
      for (int o = 0; o < 4; o++) {
        int32_t reduced[4] = {mask & 1, mask >> 1 & 1, mask >> 2 & 1, mask >> 3 & 1};
        check_reduce(shapes[s], reduced, orders[o], (mtlc_reduction)((mask + o) % MTLC_REDUCE_COUNT));
      }
}
