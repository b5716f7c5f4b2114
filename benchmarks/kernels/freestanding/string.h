// What the kernels use of <string.h>, for compiling them where the target has no C library.
#include <stddef.h>

int strcmp(const char *a, const char *b);
int memcmp(const void *a, const void *b, size_t count);
void *memcpy(void *to, const void *from, size_t count);
