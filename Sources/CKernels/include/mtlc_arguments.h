#ifndef MTLC_ARGUMENTS_H
#define MTLC_ARGUMENTS_H

#include <stdint.h>

/// How many words the process was started with, its own name included; 0 where the C library does not
/// tell a constructor.
int64_t mtlc_argument_count(void);

/// One of them, at a place below the count.
const char *mtlc_argument(int64_t place);

#endif
