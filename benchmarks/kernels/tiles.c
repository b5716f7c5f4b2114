// What the machine is like right now: nanoseconds of a scalar addition, a vector multiply-add, a tile
// product and a tile load, one after the other on one thread. Where the other thread of the core is
// somebody else's and at work, additions take twice as long, and the tile products here, which use all
// eight tiles and then no longer overlap with each other or with loads, two to four times (those of
// mtlc use six, and take up to twice as long): a ratio measured then says little.
//   tiles [rounds]
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mtlc_kernels.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <string.h>
#include <unistd.h>

#define TILES __attribute__((target("avx512f,amx-tile,amx-bf16")))

enum { TIMES = 200000, TILE_BYTES = 1024 };

static double nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double additions(void) {
  long x = 1;
  double start = nanoseconds();
  for (int i = 0; i < TIMES; i++)
    __asm__ volatile("add $1, %0\nadd $1, %0\nadd $1, %0\nadd $1, %0" : "+r"(x));
  return (nanoseconds() - start) / TIMES / 4;
}

static double multiply_adds(void) {
  float sink = 0;
  double start = nanoseconds();
  int64_t operations = mtlc_fma_peak_run(TIMES, &sink);
  return (nanoseconds() - start) / ((double)operations / 32);
}

static inline TILES void load_four(const char *from) {
  _tile_loadd(4, from, 64);
  _tile_loadd(5, from + TILE_BYTES, 64);
  _tile_loadd(6, from + 2 * TILE_BYTES, 64);
  _tile_loadd(7, from + 3 * TILE_BYTES, 64);
}

static inline TILES void multiply_four(void) {
  _tile_dpbf16ps(0, 4, 6);
  _tile_dpbf16ps(1, 4, 7);
  _tile_dpbf16ps(2, 5, 6);
  _tile_dpbf16ps(3, 5, 7);
}

static TILES double products(void) {
  double start = nanoseconds();
  for (int i = 0; i < TIMES; i++) multiply_four();
  return (nanoseconds() - start) / TIMES / 4;
}

static TILES double loads(const char *from) {
  double start = nanoseconds();
  for (int i = 0; i < TIMES; i++) load_four(from);
  return (nanoseconds() - start) / TIMES / 4;
}

/// A product for each load, as in a product of two matrices.
static TILES double both(const char *from) {
  double start = nanoseconds();
  for (int i = 0; i < TIMES; i++) {
    load_four(from);
    multiply_four();
  }
  return (nanoseconds() - start) / TIMES / 4;
}

static TILES void run(int rounds) {
  struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  } whole = {.palette = 1};
  for (int i = 0; i < 8; i++) whole.row_bytes[i] = 64, whole.rows[i] = 16;
  uint16_t *numbers = aligned_alloc(4096, 4 * TILE_BYTES);
  if (!numbers) return;
  // Numbers near 1: products of zeros take less power, and less time.
  for (int i = 0; i < 2 * TILE_BYTES; i++) numbers[i] = (uint16_t)(0x3f80 + i * 7919 % 100);
  _tile_loadconfig(&whole);
  printf("addition  multiply-add  tile product  tile load  product and load, ns\n");
  for (int r = 0; r < rounds; r++) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    double load = loads((const char *)numbers);
    printf("%8.2f  %12.2f  %12.1f  %9.1f  %16.1f\n", additions(), multiply_adds(), products(), load,
           both((const char *)numbers));
    usleep(300000);
  }
  _tile_release();
  free(numbers);
}

int main(int argc, char **argv) {
  if (strcmp(mtlc_kernels_isa(), "amx") != 0) {
    fprintf(stderr, "this processor has no tiles: %s\n", mtlc_kernels_isa());
    return 1;
  }
  run(argc > 1 ? atoi(argv[1]) : 5);
  return 0;
}
#else
int main(void) {
  fprintf(stderr, "tiles are of x86-64 processors, on Linux\n");
  return 1;
}
#endif
