// Matrix products that are thin: of few columns, or over a short k. They move at the speed of memory
// rather than of arithmetic. Which one applies depends on the sizes alone.
#ifndef MTLC_KERNEL_MATMUL_THIN_H
#define MTLC_KERNEL_MATMUL_THIN_H

#include "matmul_epilogue.h"

enum {
  THIN = 4,            // The most columns, or numbers to sum over.
  THIN_INNER = 512,    // The longest k of a row.
  THIN_CHAINS = 4,     // Chains that a sum down the rows is made of.
  THIN_VECTORS = 4,    // Vectors of rows at once.
  THIN_COLUMNS = 256,  // Columns at once of a product over a short k.
};

/// Few columns: each number is a row of A times a column of op(B).
INLINE int is_narrow(const mtlc_matmul_args *t) {
  return !t->transpose_a && t->n <= THIN && t->m >= 16 && t->k >= 16 && t->k <= THIN_INNER;
}

/// Few columns of a product that sums down the rows of A.
INLINE int is_narrow_down(const mtlc_matmul_args *t) {
  return t->transpose_a && t->n <= THIN && t->k >= 128;
}

INLINE int is_shallow(const mtlc_matmul_args *t) {
  return t->k > 0 && t->k <= THIN && t->n >= 16 && t->m >= 64;
}

/// A sum has a chain for each lane, and those are added up as a tree.
static void narrow_rows(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                        epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  int64_t whole = t->k / VL * VL, rest = t->k - whole;
  int64_t row_stride = t->transpose_b ? 1 : t->ldb, column_stride = t->transpose_b ? t->ldb : 1;
  float columns[THIN][THIN_INNER + VL], buffer[VL * VL];
  for (int64_t j = j0; j < j1; j++) {
    for (int64_t p = 0; p < t->k; p++)
      columns[j - j0][p] = g->b[j * column_stride + p * row_stride];
    for (int64_t p = t->k; p < t->k + VL; p++) columns[j - j0][p] = 0;
  }
  for (int64_t i = i0; i < i1; i += VL) {
    int64_t rows = min_int(VL, i1 - i);
    for (int64_t j = 0; j < j1 - j0; j++) {
      vf sums[VL];
      for (int r = 0; r < VL; r++) {
        sums[r] = (vf){0};
        if (r >= rows) continue;
        const float *a = g->a + (i + r) * t->lda;
        for (int64_t p = 0; p < whole; p += VL) sums[r] += load(a + p) * load(columns[j] + p);
        if (rest) sums[r] += load_n(a + whole, rest) * load(columns[j] + whole);
      }
      vf result = row_sums(sums);
      for (int r = 0; r < VL; r++) buffer[r * VL + j] = result[r];
    }
    epilogue(g, buffer, VL, i, rows, j0, j1 - j0);
  }
}

/// A sum has a chain for every fourth row of A.
static void narrow_down(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                        epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  enum { ROWS = THIN_VECTORS * VL };
  int64_t row_stride = t->transpose_b ? 1 : t->ldb, column_stride = t->transpose_b ? t->ldb : 1;
  float buffer[ROWS * VL];
  for (int64_t i = i0; i < i1; i += ROWS) {
    int64_t rows = min_int(ROWS, i1 - i);
    for (int64_t j = j0; j < j1; j++) {
      vf sums[THIN_CHAINS][THIN_VECTORS] = {0};
      const float *a = g->a + i, *b = g->b + j * column_stride;
      int64_t p = 0;
      if (rows == ROWS)
        for (; p + THIN_CHAINS <= t->k; p += THIN_CHAINS)
#pragma clang loop unroll(full)
          for (int c = 0; c < THIN_CHAINS; c++, a += t->lda, b += row_stride)
#pragma clang loop unroll(full)
            for (int v = 0; v < THIN_VECTORS; v++)
              sums[c][v] = multiply_add(load(a + v * VL), splat(*b), sums[c][v]);
      for (; p < t->k; p++, a += t->lda, b += row_stride) {
        vf *chain = sums[p % THIN_CHAINS];
        for (int v = 0; v < THIN_VECTORS; v++)
          if (v * VL < rows)
            chain[v] = multiply_add(load_upto(a + v * VL, rows - v * VL), splat(*b), chain[v]);
      }
      for (int v = 0; v < THIN_VECTORS; v++) {
        vf sum = (sums[0][v] + sums[1][v]) + (sums[2][v] + sums[3][v]);
        for (int r = 0; r < VL; r++) buffer[(v * VL + r) * VL + j - j0] = sum[r];
      }
    }
    epilogue(g, buffer, VL, i, rows, j0, j1 - j0);
  }
}

static void shallow(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                    epilogue_function *epilogue) {
  enum { ROWS = 16 };
  const mtlc_matmul_args *t = g->args;
  int64_t row_stride = t->transpose_a ? 1 : t->lda, k_stride = t->transpose_a ? t->lda : 1;
  float b[THIN][THIN_COLUMNS], buffer[ROWS * THIN_COLUMNS];
  for (int64_t j = j0; j < j1; j += THIN_COLUMNS) {
    int64_t columns = min_int(THIN_COLUMNS, j1 - j);
    for (int64_t p = 0; p < THIN; p++)
      for (int64_t c = 0; c < columns; c++)
        b[p][c] = p < t->k ? g->b[t->transpose_b ? (j + c) * t->ldb + p : p * t->ldb + j + c] : 0;
    for (int64_t i = i0; i < i1; i += ROWS) {
      int64_t rows = min_int(ROWS, i1 - i);
      for (int64_t r = 0; r < rows; r++) {
        const float *a = g->a + (i + r) * row_stride;
        for (int64_t c = 0; c < columns; c += VL) {
          vf sum = {0};
          for (int64_t p = 0; p < t->k; p++) sum += splat(a[p * k_stride]) * load(b[p] + c);
          store(buffer + r * THIN_COLUMNS + c, sum);
        }
      }
      epilogue(g, buffer, THIN_COLUMNS, i, rows, j, columns);
    }
  }
}

#endif
