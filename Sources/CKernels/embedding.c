#include <math.h>

#include "mtlc_embedding.h"

int64_t mtlc_gather_tiles(const mtlc_gather_args *t) { return t->rows > 0; }

void mtlc_gather_run(const mtlc_gather_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  for (int64_t i = 0; i < t->rows; i++)
    for (int64_t f = 0; f < t->feature_count; f++) {
      const mtlc_embedding_feature *e = t->features + f;
      const int32_t *ids = t->ids + i * t->ld_ids + e->id_column;
      float *out = t->out + i * t->ld_out + e->out_column;
      int64_t wide = e->pooling == MTLC_POOLING_CONCAT ? e->length : 1, count = 0;
      for (int64_t j = 0; j < wide * e->dim; j++) out[j] = 0;
      for (int64_t l = 0; l < e->length; l++) {
        if (ids[l] < 0) continue;
        const float *row = e->table + (ids[l] < e->table_rows ? ids[l] : 0) * e->ld_table;
        float *to = wide > 1 ? out + l * e->dim : out;
        for (int64_t j = 0; j < e->dim; j++) to[j] += row[j];
        count++;
      }
      if (e->pooling == MTLC_POOLING_MEAN && count > 1)
        for (int64_t j = 0; j < e->dim; j++) out[j] /= (float)count;
    }
}

int64_t mtlc_scatter_add_tiles(const mtlc_scatter_add_args *t) { return t->rows > 0; }

void mtlc_scatter_add_run(const mtlc_scatter_add_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  for (int64_t f = 0; f < t->feature_count; f++) {
    const mtlc_embedding_feature *e = t->features + f;
    for (int64_t i = 0; i < t->rows; i++) {
      const int32_t *ids = t->ids + i * t->ld_ids + e->id_column;
      const float *d = t->d_out + i * t->ld_d_out + e->out_column;
      int64_t count = 0;
      for (int64_t l = 0; l < e->length; l++) count += ids[l] >= 0;
      float scale = e->pooling == MTLC_POOLING_MEAN && count > 1 ? 1 / (float)count : 1;
      for (int64_t l = 0; l < e->length; l++) {
        if (ids[l] < 0) continue;
        float *row = e->gradient + (ids[l] < e->table_rows ? ids[l] : 0) * e->ld_table;
        const float *from = e->pooling == MTLC_POOLING_CONCAT ? d + l * e->dim : d;
        for (int64_t j = 0; j < e->dim; j++) row[j] += scale * from[j];
      }
    }
  }
}

int64_t mtlc_onehot_linear_tiles(const mtlc_onehot_linear_args *t) { return t->rows > 0; }

static int64_t row_of(int32_t id, int64_t offset, int64_t count) {
  return offset + (id < count ? id : 0);
}

void mtlc_onehot_linear_run(const mtlc_onehot_linear_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  int64_t end = t->activation_end ? t->activation_end : t->n;
  for (int64_t i = 0; i < t->rows; i++) {
    float *out = t->out + i * t->ld_out;
    const int32_t *ids = t->ids + i * t->ld_ids;
    for (int64_t j = 0; j < t->n; j++) {
      float v = 0;
      for (int64_t f = 0; f < t->feature_count; f++) {
        int32_t id = ids[t->id_columns[f]];
        if (id >= 0)
          v += t->weight[row_of(id, t->row_offsets[f], t->row_counts[f]) * t->ld_weight + j];
      }
      if (t->accumulate) v += out[j];
      if (t->bias) v += t->bias[j];
      if (j >= t->activation_begin && j < end) {
        if (t->activation == MTLC_ACTIVATION_RELU) v = v < 0 ? 0 : v;
        if (t->activation == MTLC_ACTIVATION_SIGMOID) v = 1 / (1 + expf(-v));
        if (t->activation == MTLC_ACTIVATION_TANH) v = tanhf(v);
      }
      out[j] = v;
    }
  }
}

int64_t mtlc_onehot_gradient_tiles(const mtlc_onehot_gradient_args *t) { return t->n > 0; }

void mtlc_onehot_gradient_run(const mtlc_onehot_gradient_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  if (t->d_bias)
    for (int64_t j = 0; j < t->n; j++) t->d_bias[j] = 0;
  for (int64_t i = 0; i < t->rows; i++) {
    const float *d = t->d_out + i * t->ld_d_out;
    const int32_t *ids = t->ids + i * t->ld_ids;
    for (int64_t f = 0; f < t->feature_count; f++) {
      int32_t id = ids[t->id_columns[f]];
      if (id < 0) continue;
      float *row = t->d_weight + row_of(id, t->row_offsets[f], t->row_counts[f]) * t->ld_d_weight;
      for (int64_t j = 0; j < t->n; j++) row[j] += d[j];
    }
    if (t->d_bias)
      for (int64_t j = 0; j < t->n; j++) t->d_bias[j] += d[j];
  }
}
