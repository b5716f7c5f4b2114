#!/usr/bin/env python3
"""Whether libmtlc-c predicts what `mtlc run --predict` does, to the last bit, for every example.

    benchmarks/check-c-library.py MTLC LIBRARY [--only TEXT] [--cc cc] [--rows 5000] [--sanitize address]

MTLC is the program, LIBRARY is libmtlc-c.so. Every spec of examples/ is trained for an epoch on the first
20,000 rows of its data, and predicts 5,000 rows of the test data. A program in C, compiled with warnings as
errors, and bindings/python/mtlc.py predict the same rows: as the text of a file; as columns of texts; as columns
of numbers and lists, where the plan takes such; and a thousand rows one by one, by one thread and by eight,
which must agree with each other. Models that learn from tasks must be refused with an error that says why.

With --sanitize (address or thread) LIBRARY was built with that sanitizer; the program in C is compiled with it, by
clang, and Python is left out. Only the standard library is used.
"""

import argparse
import csv
import os
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bindings/python"))

from programs import Failure, examples, run

DRIVER = r"""
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtlc.h"

/* driver PLAN ROWS.TXT CELLS OUT: writes to OUT the predictions of the text, of the cells as columns of texts,
 * and of the first rows one by one. CELLS: counts of columns and rows, and by column its name and its texts,
 * each with its length before it. */

enum { THREADS = 8, MOST_ALONE = 1000 };

static void check(int code) {
  if (code == MTLC_OK) return;
  fprintf(stderr, "%s\n", mtlc_error());
  exit(1);
}

static char *file(const char *path, size_t *size) {
  FILE *opened = fopen(path, "rb");
  if (opened == NULL || fseek(opened, 0, SEEK_END) != 0) exit(2);
  *size = (size_t)ftell(opened);
  rewind(opened);
  char *bytes = malloc(*size + 1);
  if (bytes == NULL || fread(bytes, 1, *size, opened) != *size) exit(2);
  fclose(opened);
  return bytes;
}

static size_t number(char **place) {
  uint64_t value = 0;
  memcpy(&value, *place, sizeof value);
  *place += sizeof value;
  return (size_t)value;
}

static mtlc_plan *plan;
static mtlc_column *columns;
static const char **texts;
static size_t *lengths, count, rows, width;
static float *alone[THREADS];

/* Predicts the first rows one by one. */
static void *one_by_one(void *place) {
  mtlc_predictor *predictor = NULL;
  check(mtlc_predictor_create(plan, &predictor));
  mtlc_column *own = calloc(count, sizeof *own);
  if (own == NULL) exit(2);
  for (size_t row = 0; row < rows && row < MOST_ALONE; row++) {
    for (size_t k = 0; k < count; k++) {
      own[k] = columns[k];
      own[k].values = texts + k * rows + row;
      own[k].lengths = lengths + k * rows + row;
      own[k].count = 1;
    }
    check(mtlc_predict_columns(predictor, own, count, 1, (float *)place + row * width, width));
  }
  free(own);
  mtlc_predictor_free(predictor);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  check(mtlc_plan_open(argv[1], &plan));
  mtlc_predictor *predictor = NULL;
  check(mtlc_predictor_create(plan, &predictor));
  size_t text_size = 0, size = 0, predicted = 0;
  char *text = file(argv[2], &text_size), *cells = file(argv[3], &size), *place = cells;
  count = number(&place);
  rows = number(&place);
  width = mtlc_plan_output_count(plan);
  size_t capacity = rows * width;
  float *predictions = malloc((capacity + 1) * sizeof *predictions);
  columns = calloc(count, sizeof *columns);
  texts = malloc((count * rows + 1) * sizeof *texts);
  lengths = malloc((count * rows + 1) * sizeof *lengths);
  FILE *out = fopen(argv[4], "wb");
  if (!predictions || !columns || !texts || !lengths || !out) return 2;

  check(mtlc_predict_text(predictor, text, text_size, predictions, capacity, &predicted));
  if (predicted != rows) return 3;
  fwrite(predictions, sizeof *predictions, capacity, out);

  for (size_t k = 0; k < count; k++) {
    size_t length = number(&place);
    char *name = place;
    place += length + 1;
    columns[k] = (mtlc_column){.size = sizeof *columns, .type = MTLC_TEXTS, .values = texts + k * rows,
                               .count = rows, .lengths = lengths + k * rows};
    check(mtlc_plan_find_column(plan, name, &columns[k].column));
    for (size_t row = 0; row < rows; row++) {
      lengths[k * rows + row] = number(&place);
      texts[k * rows + row] = place;
      place += lengths[k * rows + row];
    }
  }
  check(mtlc_predict_columns(predictor, columns, count, rows, predictions, capacity));
  fwrite(predictions, sizeof *predictions, capacity, out);

  pthread_t threads[THREADS];
  for (int k = 0; k < THREADS; k++) {
    alone[k] = calloc(MOST_ALONE * width + 1, sizeof(float));
    if (!alone[k] || pthread_create(&threads[k], NULL, one_by_one, alone[k]) != 0) return 2;
  }
  for (int k = 0; k < THREADS; k++) pthread_join(threads[k], NULL);
  one_by_one(predictions);
  size_t done = rows < MOST_ALONE ? rows : MOST_ALONE;
  for (int k = 0; k < THREADS; k++) {
    if (memcmp(alone[k], predictions, done * width * sizeof(float)) != 0) return 4;
    free(alone[k]);
  }
  fwrite(predictions, sizeof *predictions, done * width, out);
  fclose(out);
  free(predictions);
  free(columns);
  free(texts);
  free(lengths);
  free(text);
  free(cells);
  mtlc_predictor_free(predictor);
  mtlc_plan_free(plan);
  return 0;
}
"""
CODES = {2: "out of memory, or a file is missing", 3: "another number of rows", 4: "threads disagree"}


def head(path, count, target):
    """The first lines of a file, with its header; the file itself where it has no lines."""
    if path.suffix == ".npy":
        return path
    with open(path, "rb") as source, open(target, "wb") as file:
        for number, line in enumerate(source):
            if number > count:
                break
            file.write(line)
    return target


def train(mtlc, same, spec, files, folder):
    settings = []
    for key, file in files.items():
        if key != "cache":
            file = head(pathlib.Path(file), 20_000, folder / f"{key}-head.txt")
            settings += ["--set", f"data.{key}={file}"]
    if "cache" in files:
        settings += ["--set", f"data.cache={folder}"]
    if same.learns_from_tasks(spec):
        settings += ["--set", "training.meta_steps=2", "--set", "training.eval_episodes=4"]
    else:
        settings += ["--set", "training.epochs=1"]
    run(mtlc, "train", spec, "-o", folder, "--quiet", *settings)


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def write_cells(path, columns, rows):
    def sized(text, end=b""):
        data = text.encode()
        return struct.pack("<Q", len(data)) + data + end

    with open(path, "wb") as file:
        file.write(struct.pack("<QQ", len(columns), len(rows)))
        for k, column in enumerate(columns):
            file.write(sized(column, b"\0"))
            file.write(b"".join(sized(row[k]) for row in rows))


def typed(plan, columns, rows, formats):
    """Columns as numbers and lists where the plan takes these."""
    features = {column: [f for f in plan.features if column in f["columns"]] for column in columns}
    table = {}
    for k, column in enumerate(columns):
        cells = [row[k] for row in rows]
        kinds = {feature["kind"] for feature in features[column]}
        if kinds <= {"number", "bucket"}:
            try:
                cells = [None if c.strip() in formats["missing"] else float(c) for c in cells]
            except ValueError:
                pass  # a date, or a number with marks
        elif kinds == {"sequence"} and not any(f["weighted"] for f in features[column]):
            separator = formats["separators"].get(column)
            if separator:
                cells = [
                    [] if c in formats["missing"] else [i.strip() for i in c.split(separator)]
                    for c in cells]
        table[column] = cells
    return table


def bits(values):
    return struct.pack(f"<{len(values)}f", *values)


def compare(what, found, wanted):
    if found != wanted:
        size = min(len(found), len(wanted)) // 4
        a, b = struct.unpack(f"<{size}f", found[:4 * size]), struct.unpack(f"<{size}f", wanted[:4 * size])
        differing = [k for k in range(size) if a[k] != b[k]]
        place = differing[0] if differing else size
        raise Failure(f"{what} differs: {len(differing)} of {size} values, first at {place}")


def in_python(plan, results, rows):
    """The values of a result of the binding, row by row."""
    values = [results[name] for name in plan.outputs]
    return bits([float(column[row]) for row in range(rows) for column in values])


def check(mtlc, driver, plan_file, test, folder):
    """By the program in C. Returns the plan's columns, the rows with their texts, the bits that all must
    give, and those of the first rows one by one."""
    import plan_reader

    record = plan_reader.Plan(plan_file)
    columns = list(dict.fromkeys(c for feature in record.features for c in feature.columns))
    predictions, kept = folder / "predictions.csv", folder / "kept.csv"
    run(mtlc, "run", plan_file, "--predict", test, "-o", predictions, "--quiet")
    keeps = [word for column in columns for word in ("--keep", column)]
    run(mtlc, "run", plan_file, "--predict", test, *keeps, "-o", kept, "--quiet")
    rows = [row[:len(columns)] for row in read_csv(kept)]
    wanted = bits([float(value) for row in read_csv(predictions) for value in row])
    cells, out = folder / "cells.bin", folder / "out.bin"
    write_cells(cells, columns, rows)
    run(driver, plan_file, test, cells, out, codes=CODES)
    found = out.read_bytes()
    compare("C, text of a file,", found[:len(wanted)], wanted)
    compare("C, columns of texts,", found[len(wanted):2 * len(wanted)], wanted)
    return columns, rows, wanted, found[2 * len(wanted):]


def check_binding(binding, plan_file, test, columns, rows, wanted, alone):
    import plan_reader

    plan = binding.Plan(plan_file)
    record = plan_reader.Plan(plan_file)
    formats = {
        "missing": record.schema["format"]["missing"],
        "separators": {
            f.column: chr(f.encoder["layout"]["separator"])
            for f in record.features
            if f.kind == "sequence" and not f.encoder["layout"]["brackets"]}}
    count = len(rows)
    text = plan.predict_text(test.read_bytes())
    compare("Python, text of a file,", in_python(plan, text, count), wanted)
    table = {column: [row[k] for row in rows] for k, column in enumerate(columns)}
    compare("Python, columns of texts,", in_python(plan, plan.predict(table), count), wanted)
    values = typed(plan, columns, rows, formats)
    compare("Python, values,", in_python(plan, plan.predict(values), count), wanted)
    few = min(count, 1000)
    one = [plan.predict({name: [column[row]] for name, column in values.items()}) for row in range(few)]
    one = b"".join(in_python(plan, result, 1) for result in one)
    compare("Python, one row at a time, and C", one, alone)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mtlc", metavar="MTLC", type=pathlib.Path)
    parser.add_argument("library", metavar="LIBRARY", type=pathlib.Path)
    parser.add_argument("--only", default="", help="specs whose name has this text")
    parser.add_argument("--cc")
    parser.add_argument("--sanitize", choices=["address", "thread"])
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".build/check-c-library")
    options = parser.parse_args()
    mtlc, library, same = options.mtlc.resolve(), options.library.resolve(), examples()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    os.environ["MTLC_LIBRARY"] = str(library)
    os.environ["LD_LIBRARY_PATH"] = str(library.parent)
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import mtlc as binding

    driver = work / "driver"
    (work / "driver.c").write_text(DRIVER)
    sanitize = options.sanitize
    flags = ["-O1", "-g", f"-fsanitize={sanitize}"] if sanitize else ["-O2"]
    run(options.cc or ("clang" if sanitize else "cc"),
        "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *flags,
        "-I", ROOT / "Sources/CMtlc/include", "-c", work / "driver.c", "-o", work / "driver.o")
    # The sanitizers of Swift's clang need libraries of Swift, which its own driver finds.
    link = ["swiftc", f"-sanitize={sanitize}"] if sanitize else [options.cc or "cc", "-pthread"]
    run(*link, work / "driver.o", library, "-o", driver)
    same.prepare(str(mtlc), options.data.resolve(), work)
    same_count = failures = left_out = 0
    for name, spec, files in same.cases(options.data.resolve(), work):
        if options.only not in name:
            continue
        if any(key != "cache" and not pathlib.Path(file).exists() for key, file in files.items()):
            print(f"{name}: left out, its data is not there", flush=True)
            left_out += 1
            continue
        folder = work / name
        folder.mkdir(exist_ok=True)
        plan_file = folder / "plan.bin"
        try:
            if not plan_file.exists():
                train(mtlc, same, spec, files, folder)
            if same.learns_from_tasks(spec):
                if options.sanitize:
                    continue
                try:
                    binding.Plan(plan_file)
                    raise Failure("a plan that learns from tasks was opened")
                except binding.Error as refusal:
                    print(f"{name}: refused: {refusal}", flush=True)
                    same_count += 1
                continue
            test = pathlib.Path(files.get("test") or same.test_file(spec))
            test = head(test, options.rows, folder / "test.txt")
            columns, rows, wanted, alone = check(mtlc, driver, plan_file, test, folder)
            if not options.sanitize:
                check_binding(binding, plan_file, test, columns, rows, wanted, alone)
            outputs = len(wanted) // 4 // len(rows)
            print(f"{name}: same bits, {len(rows)} rows, {outputs} outputs", flush=True)
            same_count += 1
        except (Failure, binding.Error) as failure:
            print(f"{name}: FAILS: {failure}", flush=True)
            failures += 1
    print(f"{same_count} examples the same, {failures} fail, {left_out} left out")
    sys.exit(1 if failures or not same_count else 0)


if __name__ == "__main__":
    main()
