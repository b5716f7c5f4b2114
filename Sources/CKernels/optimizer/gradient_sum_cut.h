#ifndef MTLC_KERNEL_GRADIENT_SUM_CUT_H
#define MTLC_KERNEL_GRADIENT_SUM_CUT_H

/// Elements per tile.
enum { GRADIENT_SUM_TILE = 4096 };

#endif
