// The virtual machine for elementwise programs.
#ifndef MTLC_KERNEL_ELEMENTWISE_H
#define MTLC_KERNEL_ELEMENTWISE_H

#include "mtlc_isa.h"
#include "elementwise_ops.h"
#include "elementwise_reduce.h"
#include "elementwise_sum.h"

/// Room for every reduction of a program that is one tile.
enum { LOCAL_PARTIALS = MTLC_ELEMENTWISE_MAX_REDUCTIONS * MTLC_ELEMENTWISE_LOCAL_COLUMNS };

/// Loads of memory that the program also stores to must be copied: the register keeps its value.
static int is_stored(const mtlc_elementwise_args *t, const void *data) {
  for (int64_t p = 0; p < t->op_count; p++)
    if (t->ops[p].opcode == MTLC_OP_STORE && t->operands[t->ops[p].b].data == data) return 1;
  return 0;
}

/// The operands that are stored past the caches: large ones whose memory is not loaded.
static uint64_t find_streamed(const mtlc_elementwise_args *t, const elementwise_cut *cut) {
  uint64_t streamed = 0;
  if (cut->rows * cut->columns * (int64_t)sizeof(float) < mtlc_kernels_streamed_bytes()) return 0;
  for (int64_t p = 0; p < t->op_count; p++)
    if (t->ops[p].opcode == MTLC_OP_STORE) streamed |= (uint64_t)1 << t->ops[p].b;
  for (int64_t p = 0; p < t->op_count; p++)
    for (int64_t o = 0; t->ops[p].opcode == MTLC_OP_LOAD && o < t->operand_count; o++)
      if (t->operands[o].data == t->operands[t->ops[p].a].data) streamed &= ~((uint64_t)1 << o);
  return streamed;
}

static void run_chunk(const mtlc_elementwise_args *t, const elementwise_cut *cut,
                      const chunk_range *c, uint64_t aliasable, uint64_t streamed,
                      reduction *reductions,
                      float (*registers)[MTLC_ELEMENTWISE_CHUNK], const float **values) {
  int64_t next_reduction = 0;
  for (int64_t p = 0; p < t->op_count; p++) {
    const mtlc_elementwise_op *op = t->ops + p;
    mtlc_opcode code = op->opcode;
    if (code == MTLC_OP_LOAD) {
      int64_t o = op->a;
      values[op->dst] = load_chunk(t->operands + o, cut, cut->strides[o], c,
                                   (aliasable >> o) & 1, registers[op->dst]);
    } else if (code == MTLC_OP_STORE) {
      store_chunk(t->operands + op->b, cut, cut->strides[op->b], c, values[op->a],
                  (streamed >> op->b) & 1);
    } else if (is_reduction(code)) {
      reduce_chunk(reductions + next_reduction++, cut, c, values[op->a]);
    } else {
      apply_op(op, c->count, registers[op->dst], values[op->a], values[op->b], values[op->c]);
      values[op->dst] = registers[op->dst];
    }
  }
}

static void elementwise_run(const mtlc_elementwise_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  elementwise_cut cut;
  elementwise_cut_of(t, &cut);
  operand_sum sum;
  if (find_sum(t, &cut, &sum)) {
    run_sum(t, &cut, &sum, first * cut.tile_chunks, min_int(cut.chunks, last * cut.tile_chunks));
    return;
  }
  _Alignas(64) float registers[MTLC_ELEMENTWISE_MAX_REGISTERS][MTLC_ELEMENTWISE_CHUNK];
  const float *values[MTLC_ELEMENTWISE_MAX_REGISTERS];
  for (int r = 0; r < MTLC_ELEMENTWISE_MAX_REGISTERS; r++) values[r] = registers[r];
  uint64_t aliasable = 0;
  for (int64_t o = 0; o < t->operand_count; o++)
    if (!is_stored(t, t->operands[o].data)) aliasable |= (uint64_t)1 << o;

  uint64_t streamed = find_streamed(t, &cut);
  reduction reductions[MTLC_ELEMENTWISE_MAX_REDUCTIONS];
  int64_t count = find_reductions(t, &cut, reductions);
  // A lone tile needs no meeting place, and mostly little room.
  float local[LOCAL_PARTIALS];
  int shared = cut.partial_width > 0 && t->scratch && t->counter;
  float *partials = t->scratch;
  if (!shared) {
    if (cut.partial_width > LOCAL_PARTIALS) return;
    partials = local;
  }
  for (int64_t tile = first; tile < last; tile++) {
    for (int64_t q = 0; q < count; q++)
      begin_tile(reductions + q, partials + (shared ? tile * cut.partial_width : 0));
    int64_t end = min_int(cut.chunks, (tile + 1) * cut.tile_chunks);
    for (int64_t chunk = tile * cut.tile_chunks; chunk < end; chunk++) {
      chunk_range c = chunk_of(&cut, chunk);
      run_chunk(t, &cut, &c, aliasable, streamed, reductions, registers, values);
    }
    for (int64_t q = 0; q < count; q++) end_tile(reductions + q);
  }
  if (streamed) finish_streams();
  if (cut.partial_width == 0) return;
  if (shared && !all_arrived(t->counter, last - first, cut.tiles)) return;
  for (int64_t q = 0; q < count; q++) finish_reduction(reductions + q, &cut, partials);
}

#endif
