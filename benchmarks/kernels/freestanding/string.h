// What the kernels use of <string.h>, for compiling them where the target has no C library.
int strcmp(const char *a, const char *b);
