// What the kernels use of <math.h>, for compiling them where the target has no C library.
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
double sqrt(double x);
double sin(double x);
double cos(double x);
