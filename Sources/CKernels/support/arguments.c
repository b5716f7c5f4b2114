// The words of the command line. Swift reads them from /proc, which a program in a bare folder does not
// have; the GNU C library hands them to constructors too.
#include "mtlc_arguments.h"

// For __GLIBC__.
#include <stdint.h>

#if defined(__GLIBC__) || defined(__APPLE__)

static int64_t count;
static char **words;

__attribute__((constructor)) static void keep(int argc, char **argv) {
  count = argc;
  words = argv;
}

int64_t mtlc_argument_count(void) { return count; }
const char *mtlc_argument(int64_t place) { return words[place]; }

#else

int64_t mtlc_argument_count(void) { return 0; }

const char *mtlc_argument(int64_t place) {
  (void)place;
  return "";
}

#endif
