#define MTLC_AMX_PARTS 2
#define MTLC_AMX_NAME mtlc_matmul_amx_high
#include "amx_parts.h"
