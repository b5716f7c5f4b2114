#ifndef MTLC_ALLOCATION_H
#define MTLC_ALLOCATION_H

#include <stddef.h>

// Swift ends a program with a signal when the system has no memory for an object or an array. With this
// the program ends in a way of its own.

/// Calls `handler` with the bytes that were asked for, on the thread that asked, when the system has no
/// memory for what Swift allocates. It must not allocate and must not return. Blocks that begin on a page
/// (alignments from 4096) are left out, and so are `calloc` and `realloc`: those who ask for them look at
/// the answer.
///
/// Where a limit of address space is set, all threads then share one heap: otherwise glibc tries to set 128
/// MiB of addresses aside for each thread's, which for that moment nobody else can have. The stack of the
/// calling thread, the first one, then grows ahead by 4 MiB.
///
/// Does nothing where the C library is not glibc, or a sanitizer allocates.
void mtlc_allocation_on_shortage(void (*handler)(size_t bytes));

#endif
