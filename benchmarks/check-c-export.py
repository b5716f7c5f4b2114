#!/usr/bin/env python3
"""Whether the C source of `mtlc export` predicts what the plan does.

    benchmarks/check-c-export.py MTLC [--cc gcc --cc clang] [--rows 10000] [--only TEXT] [--sanitize]

For every model with all kinds of features at once, and for each kind of feature, each activation,
normalization and interaction alone: trains on made-up rows, exports, compiles with warnings as errors,
and compares the predictions for rows with missing, unseen and over-long values with those of
`mtlc run --predict`. Of a probability the difference counts, of a larger value its share of it by 1 + its
logarithm. --sanitize compiles a second time with the address and the undefined-behaviour sanitizer. Only
the standard library is used.
"""

import argparse
import csv
import math
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

from c_export_cases import KINDS, cases, write_rows

MAIN = """
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "model.h"

static char *text(FILE *file) {
  int length;
  if (fread(&length, sizeof length, 1, file) != 1) exit(2);
  if (length < 0) return NULL;
  char *bytes = malloc((size_t)length + 1);
  if (length > 0 && fread(bytes, (size_t)length, 1, file) != 1) exit(2);
  bytes[length] = 0;
  return bytes;
}

int main(int argc, char **argv) {
  FILE *const file = fopen(argv[1], "rb");
  int count;
  if (argc < 2 || !file || fread(&count, sizeof count, 1, file) != 1) return 2;
  PREFIX_row *const rows = calloc((size_t)count, sizeof *rows);
  PREFIX_prediction *const predictions = calloc((size_t)count, sizeof *predictions);
  for (int k = 0; k < count; k++) {
READ
  }
  const size_t done = PREFIX_predict_rows(rows, (size_t)count, predictions);
  if (done < (size_t)count) {
    const int field = PREFIX_predict(rows + done, predictions);
    fprintf(stderr, "row %zu: column %s\\n", done, PREFIX_columns[field - 1]);
    return 1;
  }
  for (int k = 0; k < count; k++) {
WRITE
    printf("\\n");
  }
  if (argc > 2) {
    PREFIX_encoded encoded;
    PREFIX_encode(rows, &encoded);
    const int rounds = atoi(argv[2]);
    double best = 1e9;
    for (int round = 0; round < rounds; round++) {
      struct timespec a, b;
      timespec_get(&a, TIME_UTC);
      for (int k = 0; k < 16; k++) PREFIX_forward(&encoded, predictions);
      timespec_get(&b, TIME_UTC);
      const double spent = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
      if (spent / 16 < best) best = spent / 16;
    }
    fprintf(stderr, "%.0f ns a row from encoded values at best\\n", best);
  }
  return 0;
}
"""


def number(text):
    """The number of a cell of a column of numbers."""
    for mark in " \u00a0\u202f":
        text = text.replace(mark, "")
    return float("nan") if text in ("", "?", "-") else float(text.replace(",", "."))


def write_main(folder, rows):
    """Writes main.c and the rows as it reads them."""
    header = (folder / "model.h").read_text()
    prefix = re.search(r"} (\w+)_row;", header).group(1)
    struct_text = header.split(f"}} {prefix}_row;")[0].rsplit("typedef struct {", 1)[1]
    fields = re.findall(r"/\* column (.*?)(?: of .*?)? \*/\n  (double |const char \*)(\w+);", struct_text, re.S)
    struct_text = header.split(f"}} {prefix}_prediction;")[0].rsplit("typedef struct {", 1)[1]
    outputs = re.findall(r"float (\w+)(?:\[(\d+)\])?;", struct_text)
    read = ""
    for _, kind, name in fields:
        read += (
            f"    rows[k].{name} = text(file);\n" if kind != "double "
            else f"    if (fread(&rows[k].{name}, sizeof(double), 1, file) != 1) return 2;\n"
        )
    write = ""
    for name, size in outputs:
        for index in range(int(size)) if size else [None]:
            place = name if index is None else f"{name}[{index}]"
            write += f'    printf("%.9g ", (double)predictions[k].{place});\n'
    main = MAIN.replace("PREFIX", prefix).replace("READ\n", read).replace("WRITE\n", write)
    (folder / "main.c").write_text(main)
    data = [struct.pack("<i", len(rows))]
    for texts in rows:
        for column, kind, _ in fields:
            text = texts[column]
            if kind == "double ":
                data.append(struct.pack("<d", number(text)))
            else:
                bytes_ = text.encode()
                data.append(struct.pack("<i", len(bytes_)) + bytes_)
    (folder / "rows.bin").write_bytes(b"".join(data))


def run(command, folder, **options):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done


def difference(folder, output, tasks):
    """The largest difference to predictions.csv."""
    with open(folder / "predictions.csv", newline="") as file:
        reader = csv.reader(file)
        names = next(reader)
        expected = [[float(x) for x in line] for line in reader]
    found = [[float(x) for x in line.split()] for line in output.splitlines()]
    assert len(expected) == len(found) and len(expected[0]) == len(found[0])
    worst = 0.0
    for wanted, got in zip(expected, found):
        for a, b in zip(wanted, got):
            if abs(a) > 1e30 or a != a:
                # Values that make the plan overflow must make the source do so too.
                worst = worst if abs(b) > 1e29 or b != b else math.inf
                continue
            # What an exponential makes of the last bits grows with the logarithm of its result.
            size = max(1.0, abs(a))
            share = abs(a - b) / (size * (1 + math.log(size)))
            worst = max(worst, share if share == share else math.inf)
    return worst


FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mtlc")
    parser.add_argument("--cc", action="append")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--sanitize", action="store_true")
    parser.add_argument("--work", help="a folder that stays")
    options = parser.parse_args()
    mtlc = str(pathlib.Path(options.mtlc).resolve())
    worst_of_all = 0.0
    failed = []
    with tempfile.TemporaryDirectory() as made:
        work = pathlib.Path(options.work or made).resolve()
        work.mkdir(exist_ok=True, parents=True)
        write_rows(work / "train.csv", 2000, 1, False)
        rows = write_rows(work / "rows.csv", options.rows, 2, True)
        for name, features, model, tasks in cases():
            if options.only and options.only not in name:
                continue
            folder = work / re.sub(r"\W+", "-", name)
            folder.mkdir(exist_ok=True)
            (folder / "spec.json5").write_text(
                "{ name: '%s', data: { train: '../train.csv', test: '../train.csv',"
                " missing: ['', '?'] },\n features: [\n  %s,\n ],\n tasks: %s,\n model: { %s },\n"
                " training: { batch_size: 64, epochs: 1, optimizer: { type: 'adam',"
                " learning_rate: 0.01 } } }\n"
                % (name, ",\n  ".join(KINDS[k] for k in features), tasks, model)
            )
            run([mtlc, "train", "spec.json5", "-q", "-o", "out"], folder)
            run([mtlc, "run", "out/plan.bin", "--predict", "../rows.csv", "-o", "predictions.csv", "-q"], folder)
            run([mtlc, "export", "out/plan.bin", "--format", "c", "-o", "model.c", "-q"], folder)
            write_main(folder, rows)
            report = []
            for cc in options.cc or ["gcc", "clang"]:
                for extra in [[]] + [["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]] * options.sanitize:
                    start = time.time()
                    run([cc, *FLAGS, *extra, "-c", "model.c", "-o", "model.o"], folder)
                    spent = time.time() - start
                    run([cc, "-std=c11", "-O2", *extra, "main.c", "model.o", "-lm", "-o", "model"], folder)
                    # The rows of the check itself stay until it ends.
                    kept = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
                    done = run(["./model", "rows.bin"], folder, env=kept)
                    worst = difference(folder, done.stdout, tasks)
                    worst_of_all = max(worst_of_all, worst)
                    if not worst <= 1e-6:
                        failed.append(name)
                    report.append(f"{cc}{' sanitized' if extra else ''} {worst:.1e} ({spent:.1f} s)")
            print(f"{name}: {', '.join(report)}", flush=True)
    print(f"largest difference {worst_of_all:.2e}")
    if failed:
        sys.exit(f"beyond 1e-6: {', '.join(failed)}")


if __name__ == "__main__":
    main()
