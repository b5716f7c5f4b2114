#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// Whether the calling thread's allocations count from now on.
void allocation_watch(int on);

/// Calls of malloc and its like by all watched threads so far; -1 where this system offers no way
/// to count them.
int64_t allocation_count(void);

#endif
