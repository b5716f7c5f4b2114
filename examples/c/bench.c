/* Times rows from values to predictions, one row a call, each with other values.
 *
 *     bench PLAN ROWS.CSV [CALLS]
 *
 * The file has a header, commas and no quotes. Fields that are numbers are given as doubles, all others
 * as texts. Prints the median and the 99th percentile of a call in microseconds, and the growth of the
 * process's memory over the calls.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mtlc.h"

enum { MOST_COLUMNS = 256, MOST_ROWS = 4096 };

static void check(int code) {
  if (code == MTLC_OK) return;
  fprintf(stderr, "bench: %s\n", mtlc_error());
  exit(1);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int rising(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Pages of memory that the process has; 0 where the system does not tell. */
static long resident(void) {
  long all = 0, own = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%ld %ld", &all, &own) != 2) own = 0;
  fclose(file);
  return own;
}

/* Cuts a line at its commas. */
static int split(char *line, char **fields) {
  int count = 0;
  line[strcspn(line, "\r\n")] = '\0';
  for (char *field = line; field != NULL && count < MOST_COLUMNS; count++) {
    fields[count] = field;
    field = strchr(field, ',');
    if (field != NULL) *field++ = '\0';
  }
  return count;
}

static double numbers[MOST_ROWS][MOST_COLUMNS];
static char *texts[MOST_ROWS][MOST_COLUMNS];

int main(int count, char **arguments) {
  if (count < 3) {
    fprintf(stderr, "usage: bench PLAN ROWS.CSV [CALLS]\n");
    return 2;
  }
  long calls = count > 3 ? atol(arguments[3]) : 1000000;
  mtlc_plan *plan = NULL;
  mtlc_predictor *predictor = NULL;
  check(mtlc_plan_open(arguments[1], &plan));
  check(mtlc_predictor_create(plan, &predictor));
  FILE *file = fopen(arguments[2], "r");
  static char header[1 << 16], line[1 << 16];
  static char *names[MOST_COLUMNS];
  if (file == NULL || fgets(header, sizeof header, file) == NULL) {
    fprintf(stderr, "bench: cannot read %s\n", arguments[2]);
    return 1;
  }
  int fields = split(header, names);
  long rows = 0;
  while (rows < MOST_ROWS && fgets(line, sizeof line, file) != NULL) {
    char *copy = strdup(line);
    int found = copy == NULL ? 0 : split(copy, texts[rows]);
    if (found != fields) continue;
    for (int k = 0; k < fields; k++) numbers[rows][k] = strtod(texts[rows][k], NULL);
    rows++;
  }
  fclose(file);
  if (rows == 0 || calls < 100) {
    fprintf(stderr, "bench: there is nothing to time\n");
    return 1;
  }

  /* The columns, with the field that each is read from. */
  static mtlc_column columns[MOST_COLUMNS];
  static int places[MOST_COLUMNS];
  size_t used = 0;
  for (int k = 0; k < fields; k++) {
    size_t column = 0;
    if (mtlc_plan_find_column(plan, names[k], &column) != MTLC_OK) continue;
    mtlc_column_info info = {.size = sizeof info};
    check(mtlc_plan_column(plan, column, &info));
    columns[used] = (mtlc_column){
        .size = sizeof columns[0],
        .column = column,
        .type = info.types & MTLC_NUMBERS ? MTLC_NUMBERS : MTLC_TEXTS,
        .count = 1};
    places[used++] = k;
  }
  float *times = calloc((size_t)calls, sizeof *times);
  float predictions[256];
  /* Touched before memory is measured. */
  for (long call = 0; times != NULL && call < calls; call++) times[call] = -1;
  if (times == NULL || mtlc_plan_output_count(plan) > 256) return 1;
  long before = 0;
  for (long call = -1000; call < calls; call++) {
    if (call == 0) before = resident();
    long row = (call + 1000) % rows;
    for (size_t k = 0; k < used; k++)
      columns[k].values = columns[k].type == MTLC_NUMBERS ? (const void *)&numbers[row][places[k]]
                                                          : (const void *)&texts[row][places[k]];
    double start = seconds();
    check(mtlc_predict_columns(predictor, columns, used, 1, predictions, 256));
    if (call >= 0) times[call] = (float)(1e6 * (seconds() - start));
  }
  long growth = resident() - before;
  qsort(times, (size_t)calls, sizeof *times, rising);
  printf("%ld calls: median %.2f us, 99th percentile %.2f us, memory %+ld pages\n", calls,
         (double)times[calls / 2], (double)times[calls / 100 * 99], growth);
  free(times);
  mtlc_predictor_free(predictor);
  mtlc_plan_free(plan);
  return 0;
}
