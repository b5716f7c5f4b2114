#ifndef MTLC_PROCESSOR_H
#define MTLC_PROCESSOR_H

#include <stdint.h>

/// The processor that the calling thread runs on; -1 where the system does not say.
int64_t mtlc_current_processor(void);

/// Moves the calling thread to a processor that it may use and that is not among the `count` of
/// `taken`, then leaves it free again. Returns 0, or -1 when there is none or the system decides
/// alone.
int32_t mtlc_move_away_from(const int64_t *taken, int64_t count);

#endif
