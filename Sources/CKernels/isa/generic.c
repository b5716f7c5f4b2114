// What every processor of the target architecture has: NEON on aarch64, SSE2 on x86-64.
#define MTLC_TABLE mtlc_table_generic
#define MTLC_NAME "generic"
#define MTLC_VECTOR_BYTES 16

#include "variant.h"
