#define MTLC_AMX_PARTS 1
#define MTLC_AMX_NAME mtlc_matmul_amx_medium
#include "amx_parts.h"
