// Which processor a thread runs on. Only Linux says, in calls that its C library hides from Swift.
#if defined(__linux__) && __STDC_HOSTED__
#define _GNU_SOURCE
#include <sched.h>
#endif

#include "mtlc_processor.h"

#if defined(__linux__) && __STDC_HOSTED__

int64_t mtlc_current_processor(void) { return sched_getcpu(); }

int32_t mtlc_move_away_from(const int64_t *taken, int64_t count) {
  cpu_set_t allowed, others;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return -1;
  others = allowed;
  for (int64_t i = 0; i < count; i++)
    if (taken[i] >= 0 && taken[i] < CPU_SETSIZE) CPU_CLR((int)taken[i], &others);
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof others, &others) != 0) return -1;
  return sched_setaffinity(0, sizeof allowed, &allowed) == 0 ? 0 : -1;
}

#else

int64_t mtlc_current_processor(void) { return -1; }

int32_t mtlc_move_away_from(const int64_t *taken, int64_t count) {
  (void)taken, (void)count;
  return -1;
}

#endif
