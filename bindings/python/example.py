"""Predicts the rows of a CSV file with a plan:

    MTLC_LIBRARY=lib/libmtlc-c.so python3 example.py PLAN ROWS.CSV

Prints a line for each row, with the names of the outputs above. The file is read by Python: each column goes
to the plan as a list of texts, of which empty ones are missing values.
"""

import csv
import struct
import sys

import mtlc


def shortest(value):
    """The shortest decimal number that is this 32-bit float."""
    value = float(value)
    for digits in range(1, 10):
        text = "%.*g" % (digits, value)
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return text
    return repr(value)


def main(path, rows):
    plan = mtlc.Plan(path)
    with open(rows, newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    columns = {
        name: [row[name] or None for row in table] for name in plan.columns if table and name in table[0]
    }
    predictions = plan.predict(columns)
    print(",".join(plan.outputs))
    for row in range(len(table)):
        print(",".join(shortest(predictions[name][row]) for name in plan.outputs))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(sys.argv[1], sys.argv[2])
    except (mtlc.Error, OSError, KeyError) as error:
        sys.exit("example.py: %s" % error)
