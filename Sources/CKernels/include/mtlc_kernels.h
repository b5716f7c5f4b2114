#ifndef MTLC_KERNELS_H
#define MTLC_KERNELS_H

// The hot loops of mtlc. Not an API for others: see the README beside this folder.
//
// The uniform contract. A kernel family X has one plain argument struct and two functions:
//
//   int64_t mtlc_X_tiles(const mtlc_X_args *args);
//     How the work is cut: depends on sizes and flags only, never on the number of threads.
//     0 when there is nothing to do.
//   void mtlc_X_run(const mtlc_X_args *args, int64_t first, int64_t last);
//     Runs tiles [first, last). Every tile may run on any thread, in any order, and the bits
//     written are the same however the tiles are distributed over calls. Neighbouring tiles in
//     one call are cheaper than the same tiles in several calls, so hand each thread one range.
//
// Sizes named "extents" at the head of a struct may be patched between calls (a partial last
// batch); everything else belongs to the plan. A matrix is a view: pointer plus leading dimension
// (row stride, in elements), so a slice or a concatenation along the last axis costs nothing.
// Sizes are never negative. Outputs must not overlap inputs unless a struct says so. Nothing here
// allocates, locks or keeps state (except the counters that mtlc_elementwise.h describes).

#include "mtlc_arguments.h"
#include "mtlc_convolution.h"
#include "mtlc_elementwise.h"
#include "mtlc_embedding.h"
#include "mtlc_float_mode.h"
#include "mtlc_gradient_sum.h"
#include "mtlc_group.h"
#include "mtlc_isa.h"
#include "mtlc_matmul.h"
#include "mtlc_mixture.h"
#include "mtlc_optimizer.h"
#include "mtlc_prefetch.h"
#include "mtlc_processor.h"
#include "mtlc_random.h"
#include "mtlc_reduce.h"
#include "mtlc_softmax.h"
#include "mtlc_sparse.h"
#include "mtlc_spin.h"
#include "mtlc_start_values.h"
#include "mtlc_text.h"

#endif
