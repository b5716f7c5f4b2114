#include "module_stub.h"
