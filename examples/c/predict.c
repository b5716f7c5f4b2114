/* Predicts rows with a trained plan.
 *
 *     predict PLAN                      says what the plan reads and predicts
 *     predict PLAN column=value ...     predicts one row; columns that are not named have no value
 *     predict PLAN - < rows.csv         predicts the rows of a file
 *
 * cc -std=c11 -I include predict.c -L lib -lmtlc-c -o predict
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtlc.h"

/* Ends the program where a call failed. */
static void check(int code) {
  if (code == MTLC_OK) return;
  fprintf(stderr, "predict: %s\n", mtlc_error());
  exit(1);
}

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count > 0 ? count : 1, size);
  if (memory != NULL) return memory;
  fprintf(stderr, "predict: out of memory\n");
  exit(1);
}

static void describe(const mtlc_plan *plan) {
  printf("plan %s\n", mtlc_plan_name(plan));
  for (size_t k = 0; k < mtlc_plan_column_count(plan); k++) {
    mtlc_column_info column = {.size = sizeof column};
    check(mtlc_plan_column(plan, k, &column));
    printf("column %s:%s%s%s%s\n", column.name, column.types & MTLC_NUMBERS ? " numbers" : "",
           column.types & MTLC_INTEGERS ? " integers" : "",
           column.types & MTLC_TEXTS ? " texts" : "", column.list_types != 0 ? " lists" : "");
  }
  for (size_t k = 0; k < mtlc_plan_output_count(plan); k++)
    printf("output %s\n", mtlc_plan_output(plan, k));
}

/* Prints rows with the names of the outputs above them. Nine digits tell all floats apart. */
static void print(const mtlc_plan *plan, const float *predictions, size_t rows) {
  size_t width = mtlc_plan_output_count(plan);
  for (size_t k = 0; k < width; k++)
    printf("%s%s", k > 0 ? "," : "", mtlc_plan_output(plan, k));
  printf("\n");
  for (size_t row = 0; row < rows; row++) {
    for (size_t k = 0; k < width; k++)
      printf("%s%.9g", k > 0 ? "," : "", (double)predictions[row * width + k]);
    printf("\n");
  }
}

/* Predicts the row that `assignments` give as `column=value`. */
static void predict_row(const mtlc_plan *plan, mtlc_predictor *predictor, int count,
                        char **assignments) {
  size_t columns = mtlc_plan_column_count(plan);
  mtlc_column *given = allocate(columns, sizeof *given);
  const char **values = allocate(columns, sizeof *values);
  for (size_t k = 0; k < columns; k++) {
    /* A text that is null is no value. */
    given[k] = (mtlc_column){
        .size = sizeof *given, .column = k, .type = MTLC_TEXTS, .values = &values[k], .count = 1};
  }
  for (int k = 0; k < count; k++) {
    char *equals = strchr(assignments[k], '=');
    if (equals == NULL) {
      fprintf(stderr, "predict: \"%s\" is not column=value\n", assignments[k]);
      exit(1);
    }
    *equals = '\0';
    size_t column = 0;
    check(mtlc_plan_find_column(plan, assignments[k], &column));
    values[column] = equals + 1;
  }
  size_t capacity = mtlc_plan_output_count(plan);
  float *predictions = allocate(capacity, sizeof *predictions);
  check(mtlc_predict_columns(predictor, given, columns, 1, predictions, capacity));
  print(plan, predictions, 1);
  free(predictions);
  free(values);
  free(given);
}

/* Predicts the rows of standard input. */
static void predict_file(const mtlc_plan *plan, mtlc_predictor *predictor) {
  size_t size = 0, room = 1 << 16, lines = 1;
  char *text = allocate(room, 1);
  size_t got;
  while ((got = fread(text + size, 1, room - size, stdin)) > 0) {
    size += got;
    if (size < room) continue;
    char *larger = allocate(2 * room, 1);
    memcpy(larger, text, size);
    free(text);
    text = larger;
    room *= 2;
  }
  for (size_t k = 0; k < size; k++) lines += text[k] == '\n';
  size_t rows = 0, capacity = lines * mtlc_plan_output_count(plan);
  float *predictions = allocate(capacity, sizeof *predictions);
  check(mtlc_predict_text(predictor, text, size, predictions, capacity, &rows));
  print(plan, predictions, rows);
  free(predictions);
  free(text);
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: predict PLAN [column=value ... | -]\n");
    return 2;
  }
  mtlc_plan *plan = NULL;
  mtlc_predictor *predictor = NULL;
  check(mtlc_plan_open(arguments[1], &plan));
  check(mtlc_predictor_create(plan, &predictor));
  if (count == 3 && strcmp(arguments[2], "-") == 0)
    predict_file(plan, predictor);
  else if (count > 2)
    predict_row(plan, predictor, count - 2, arguments + 2);
  else
    describe(plan);
  mtlc_predictor_free(predictor);
  mtlc_plan_free(plan);
  return 0;
}
