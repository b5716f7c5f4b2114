"""Checks the Python binding: rows in every form that it takes give the values of `mtlc run --predict`.

binding_test.py PLAN ROWS.CSV PREDICTIONS.CSV ALONE.CSV

The last file has what each row gives in a file of its own.
"""

import csv
import re
import struct
import sys
import threading

import mtlc

path, rows_file, expected_file, alone_file = sys.argv[1:]
plan = mtlc.Plan(path)
with open(rows_file, newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
with open(expected_file, newline="", encoding="utf-8") as file:
    expected = list(csv.DictReader(file))
with open(alone_file, newline="", encoding="utf-8") as file:
    alone = list(csv.DictReader(file))


def bits(value):
    return struct.pack("f", float(value))


def check(found, what, first=0, count=len(rows)):
    assert list(found) == plan.outputs, what
    for name in plan.outputs:
        assert len(found[name]) == count, what
        for k in range(count):
            wanted = (alone if count == 1 else expected)[first + k][name]
            assert bits(found[name][k]) == bits(wanted), (what, name, first + k, found[name][k], wanted)


def cells(name):
    return [None if row[name] in ("", "?") else row[name] for row in rows]


def lists(name, separator, convert=str):
    return [[convert(x) for x in (cell or "").split(separator) if x] for cell in cells(name)]


def parsed(convert):
    def one(cell):
        return None if cell is None else convert(cell)

    return one


columns = {name: cells(name) for name in ["city", "member", "code", "when"]}
for name in ["shelf", "user", "visits", "stamp"]:
    columns[name] = [parsed(int)(cell) for cell in cells(name)]
for name in ["age", "price", "score"]:
    columns[name] = [parsed(float)(cell) for cell in cells(name)]
columns["amount"] = [
    parsed(lambda text: float(text.replace(".", "").replace(",", ".")))(cell) for cell in cells("amount")
]
columns["history"] = lists("history", "|")
pairs = [[item.split(":") for item in row] for row in lists("tags", "|")]
columns["tags"] = [[item[0] for item in row] for row in pairs]
weights = {"tags": [[float(item[1]) for item in row] for row in pairs]}
columns["items"] = lists("items", "|", int)
columns["item_weights"] = lists("item_weights", "|", float)
columns["words"] = [re.findall("'([^']*)'", cell or "") for cell in cells("words")]
columns["vector"] = lists("vector", ";", float)

check(plan.predict(columns, weights=weights), "values")
texts = {name: [row[name] for row in rows] for name in plan.columns if name in rows[0]}
check(plan.predict(texts), "texts")
check(plan.predict(dict(texts, of_no_use=[1] * len(rows))), "another column")
for k in range(0, len(rows), 7):
    one = {name: values[k : k + 1] for name, values in columns.items()}
    own = {"tags": weights["tags"][k : k + 1]}
    check(plan.predict(one, weights=own), "one row", k, 1)
with open(rows_file, "rb") as file:
    check(plan.predict_text(file.read()), "text")
with open(path, "rb") as file:
    check(mtlc.Plan(file.read()).predict(texts), "a plan in memory")

try:
    import numpy
except ImportError:
    numpy = None
if numpy is not None:
    arrays = dict(columns)
    nan = float("nan")
    for name in ["age", "price", "score", "amount", "shelf", "visits", "stamp"]:
        arrays[name] = numpy.array([nan if value is None else value for value in columns[name]])
    arrays["user"] = numpy.array(columns["user"])
    arrays["city"] = numpy.array(columns["city"], dtype=object)
    arrays["when"] = numpy.array(
        ["NaT" if value is None else value for value in columns["when"]], dtype="datetime64[s]"
    )
    arrays["items"] = [numpy.array(row, dtype=numpy.int32) for row in columns["items"]]
    arrays["price"] = arrays["price"][::-1][::-1]
    check(plan.predict(arrays, weights=weights), "arrays")
    assert plan.predict(arrays, weights=weights)["click"].dtype == numpy.float32
    whole = [k for k, row in enumerate(columns["vector"]) if row]
    for k in whole[:5]:
        one = {name: values[k : k + 1] for name, values in columns.items()}
        one["vector"] = numpy.array([columns["vector"][k]])
        check(plan.predict(one, weights={"tags": weights["tags"][k : k + 1]}), "a matrix", k, 1)

try:
    import pandas
except ImportError:
    pandas = None
if pandas is not None:
    frame = pandas.DataFrame(columns)
    check(plan.predict(frame, weights=weights), "frame")
    text_frame = pandas.read_csv(rows_file, dtype=str, keep_default_na=False)
    check(plan.predict(text_frame), "frame of texts")

# Threads at once.
problems = []


def work():
    try:
        for _ in range(5):
            check(plan.predict(columns, weights=weights), "thread")
    except BaseException as error:
        problems.append(error)


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not problems, problems


def refused(kind, part, call):
    try:
        call()
    except kind as error:
        assert part in str(error), error
        return
    raise AssertionError("%s was expected: %s" % (kind.__name__, part))


def changed(**others):
    return lambda: plan.predict(dict(columns, **others), weights=weights)


count = len(rows)
refused(mtlc.Error, "rows:1", changed(age=["old"] * count))
refused(TypeError, "column 'city'", changed(city=[1.5] * count))
refused(TypeError, "column 'city'", changed(city=[object()] * count))
refused(ValueError, "column 'age'", changed(age=[1.0]))
refused(OverflowError, "column 'user'", changed(user=[2**70] * count))
refused(mtlc.Error, "needs 3", changed(vector=[[1.0, 2.0]] * count))
refused(mtlc.Error, '"age"', lambda: plan.predict({k: v for k, v in columns.items() if k != "age"}))
refused(KeyError, "of_no_use", lambda: plan.predict(columns, weights={"of_no_use": []}))
refused(mtlc.Error, "not a plan", lambda: mtlc.Plan(b"no plan"))
refused(mtlc.Error, "none.bin", lambda: mtlc.Plan("none.bin"))
refused(mtlc.Error, "empty", lambda: plan.predict_text(""))
assert len(plan.predict({name: [] for name in columns})["click"]) == 0
assert {feature["name"]: feature["kind"] for feature in plan.features}["history"] == "sequence"
assert [task["outputs"] for task in plan.tasks][1] == ["kind.p", "kind.q", "kind.r"]
feeds = {
    feed["name"]: [0.0 if feed["type"] == "float32" else 0] * (2 * feed["width"]) for feed in plan.feeds
}
assert len(plan.predict_feeds(feeds)["click"]) == 2
print("all right")
