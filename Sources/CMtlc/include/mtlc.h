/* mtlc.h - predictions of a trained plan, for programs in C and in languages that can call C.
 *
 * A plan is loaded once and shared by all threads. Each thread makes a predictor of it, and predicts
 * rows with that: given as columns of values, as encoded feeds, or as the text of a file. The results
 * are those of `mtlc run PLAN --predict` on the same rows, to the last bit.
 *
 *     mtlc_plan *plan;
 *     mtlc_predictor *predictor;
 *     if (mtlc_plan_open("plan.bin", &plan) != MTLC_OK) { puts(mtlc_error()); exit(1); }
 *     if (mtlc_predictor_create(plan, &predictor) != MTLC_OK) ...
 *
 * Errors. Functions that can fail return MTLC_OK or one of the codes below, and leave their results as
 * they were; `mtlc_error` then says what was wrong. No argument makes the library abort, but for
 * pointers that are wild: what a pointer points to must be as large as is said here.
 *
 * Ownership. What a `create`, `open` or `read` function makes is the caller's, to be freed by the
 * function beside it. Text and arrays that the library hands out belong to the plan and are valid until
 * it is freed. What the caller passes in is only read, and not looked at after the call.
 *
 * Threads. A plan may be used by any number of threads at once. A predictor may be used by any thread,
 * but by one at a time. It keeps what it needs of its plan, which may be freed before it.
 *
 * Growth. A struct begins with its size, which the caller sets: `mtlc_column column = {sizeof column};`.
 * A later version adds fields at the end of a struct and functions, and changes nothing else, so that a
 * program needs not be compiled anew.
 */
#ifndef MTLC_H
#define MTLC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface: the major one changes when programs must be changed. */
#define MTLC_VERSION_MAJOR 1
#define MTLC_VERSION_MINOR 0

/* What functions return. */
enum {
  MTLC_OK = 0,
  /* An argument: a null pointer, a size that does not fit, a place that there is not. */
  MTLC_ERROR_ARGUMENT = 1,
  /* A row: a column that is not given, a number with letters in it, an id beyond its table. */
  MTLC_ERROR_DATA = 2,
  /* The plan: not a plan, damaged, of another version, not trained. */
  MTLC_ERROR_PLAN = 3,
  /* More memory than there is. */
  MTLC_ERROR_MEMORY = 4,
  /* A mistake in the library. */
  MTLC_ERROR_INTERNAL = 5
};

/* The types of values; each is a bit of a mask. */
enum {
  /* There are no values: every row has none. */
  MTLC_MISSING = 0,
  /* double; NaN is no value. */
  MTLC_NUMBERS = 1,
  /* int64_t */
  MTLC_INTEGERS = 2,
  /* const char *, UTF-8; null is no value. */
  MTLC_TEXTS = 4
};

/* What a feature is made from its columns. */
enum {
  /* One id a row. */
  MTLC_FEATURE_ID = 1,
  /* One number a row, scaled. */
  MTLC_FEATURE_NUMBER = 2,
  /* One number a row, whose bucket is an id. */
  MTLC_FEATURE_BUCKET = 3,
  /* A list of ids a row. */
  MTLC_FEATURE_SEQUENCE = 4,
  /* One id a row, hashed from several columns. */
  MTLC_FEATURE_CROSS = 5,
  /* A list of numbers a row. */
  MTLC_FEATURE_VECTOR = 6
};

/* What a task predicts. */
enum {
  /* A probability. */
  MTLC_TASK_BINARY = 1,
  MTLC_TASK_REGRESSION = 2,
  /* A probability for each class. */
  MTLC_TASK_CLASSES = 3
};

typedef struct mtlc_plan mtlc_plan;
typedef struct mtlc_predictor mtlc_predictor;

/* The version of the library that is loaded: 65536 * major + minor. */
uint32_t mtlc_version(void);

/* What was wrong with the last call of this thread that failed; "" before one did. Valid until the next
 * one that fails. Never null. */
const char *mtlc_error(void);

/* ---- Plans ---- */

/* Loads a plan file, checks and validates it. Free it with mtlc_plan_free. */
int mtlc_plan_open(const char *path, mtlc_plan **plan);

/* The same of a plan file's bytes. */
int mtlc_plan_read(const void *bytes, size_t size, mtlc_plan **plan);

/* Null is allowed. Predictors of the plan go on. */
void mtlc_plan_free(mtlc_plan *plan);

/* The name that the spec gives; null for a null plan. */
const char *mtlc_plan_name(const mtlc_plan *plan);

/* A column that rows can have. */
typedef struct mtlc_column_info {
  size_t size;
  const char *name;
  /* The types of values that it can have, one a row. */
  uint32_t types;
  /* The types of values of lists, where a row can have a list; else 0. */
  uint32_t list_types;
  /* Whether it may be left out: a side table of the plan may hold it, or it may be the key of one. */
  uint32_t is_optional;
} mtlc_column_info;

size_t mtlc_plan_column_count(const mtlc_plan *plan);
int mtlc_plan_column(const mtlc_plan *plan, size_t column, mtlc_column_info *info);
/* Which column has this name. An error where there is none, that names the nearest. */
int mtlc_plan_find_column(const mtlc_plan *plan, const char *name, size_t *column);

typedef struct mtlc_feature_info {
  size_t size;
  const char *name;
  /* MTLC_FEATURE_... */
  uint32_t kind;
  /* Whether a list's ids have weights. */
  uint32_t is_weighted;
  /* The columns that it is made of; of a list with a column of weights that is the last. */
  const size_t *columns;
  size_t column_count;
  /* Ids are below this, 0 is an unknown or missing one; 0 for numbers. */
  int64_t cardinality;
  /* The most values of a list, or the numbers of a vector; 1 for others. */
  int64_t length;
} mtlc_feature_info;

size_t mtlc_plan_feature_count(const mtlc_plan *plan);
int mtlc_plan_feature(const mtlc_plan *plan, size_t feature, mtlc_feature_info *info);

typedef struct mtlc_task_info {
  size_t size;
  const char *name;
  /* MTLC_TASK_... */
  uint32_t kind;
  uint32_t reserved;
  /* Its values among the outputs of a row: the first, and how many. */
  size_t first_output;
  size_t output_count;
} mtlc_task_info;

size_t mtlc_plan_task_count(const mtlc_plan *plan);
int mtlc_plan_task(const mtlc_plan *plan, size_t task, mtlc_task_info *info);

/* The values that are predicted for a row. */
size_t mtlc_plan_output_count(const mtlc_plan *plan);
/* A task's name, or <task>.<class>; null where there is no such output. */
const char *mtlc_plan_output(const mtlc_plan *plan, size_t output);

/* A matrix of encoded values that the model reads, row-major. */
typedef struct mtlc_feed_info {
  size_t size;
  const char *name;
  /* Values a row. */
  size_t width;
  /* int32_t instead of float. */
  uint32_t is_integer;
  uint32_t reserved;
} mtlc_feed_info;

size_t mtlc_plan_feed_count(const mtlc_plan *plan);
int mtlc_plan_feed(const mtlc_plan *plan, size_t feed, mtlc_feed_info *info);

/* ---- Predictions ---- */

/* Makes a predictor: some memory and a copy of nothing. Free it with mtlc_predictor_free. */
int mtlc_predictor_create(const mtlc_plan *plan, mtlc_predictor **predictor);

/* Null is allowed. */
void mtlc_predictor_free(mtlc_predictor *predictor);

/* The values of a column. */
typedef struct mtlc_column {
  size_t size;
  /* Which one, from mtlc_plan_find_column. */
  size_t column;
  /* MTLC_MISSING, MTLC_NUMBERS, MTLC_INTEGERS or MTLC_TEXTS. */
  uint32_t type;
  uint32_t reserved;
  /* const double *, const int64_t * or const char *const *; a value for each row, or those of all
   * lists one behind the other. Spaces around a text count as little as in a file. */
  const void *values;
  /* How many values there are: the number of rows where there are no lists. */
  size_t count;
  /* The bytes of each text; null where each ends with a zero byte. */
  const size_t *lengths;
  /* A byte for each row that is not 0 where the row has no value; null where all have one. */
  const uint8_t *missing;
  /* Of lists: that of row r is values[offsets[r]] up to, not including, values[offsets[r + 1]]; one
   * more than there are rows. Null where each row has one value. */
  const size_t *offsets;
  /* Of lists a weight for each value; null where they have none. */
  const double *weights;
} mtlc_column;

/* Predicts rows. Each column that the plan reads is given, in any order; the same columns in the same
 * order as in the call before take the least time.
 *
 * predictions: `capacity` floats, at least rows * mtlc_plan_output_count(plan). Of each row in turn all
 * outputs. Undefined after an error. */
int mtlc_predict_columns(mtlc_predictor *predictor, const mtlc_column *columns, size_t column_count,
                         size_t rows, float *predictions, size_t capacity);

/* The values of a feed. */
typedef struct mtlc_feed {
  size_t size;
  /* Which one. */
  size_t feed;
  /* const int32_t * or const float *: rows * width values. A list of ids is padded with -1, its weights
   * with 0. */
  const void *values;
  size_t count;
} mtlc_feed;

/* Predicts rows that are encoded: every feed of the plan is given, in any order. */
int mtlc_predict_feeds(mtlc_predictor *predictor, const mtlc_feed *feeds, size_t feed_count,
                       size_t rows, float *predictions, size_t capacity);

/* Predicts the rows of the bytes of a file, in the format of those that the plan was trained on: with a
 * header where these have one. Columns of labels may be absent.
 *
 * rows: how many there were. There must be room for all of them. */
int mtlc_predict_text(mtlc_predictor *predictor, const char *text, size_t size, float *predictions,
                      size_t capacity, size_t *rows);

#ifdef __cplusplus
}
#endif

#endif
