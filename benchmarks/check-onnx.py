#!/usr/bin/env python3
"""Whether exported ONNX models predict what their plans do.

    VENV/bin/python benchmarks/check-onnx.py MTLC [--only TEXT] [--rows 10000] [--epochs 1]

The Python that runs this has onnx and onnxruntime; the project needs neither. Every spec of examples/
that learns from rows is trained for an epoch (--epochs 0: as many as it says), unless the work folder has its
plan, and exported with `--inputs encoded` and `--inputs raw`. onnx.checker looks at each model in full, and onnxruntime predicts
10,000 rows of the test data, some of whose cells are made missing, unknown or too long. What enters
is made by benchmarks/plan_reader.py, so that the encoders of docs/plan-format.md are checked too.
Two made-up specs have every kind of feature, with and without those that hash texts or read dates.
Prints the largest difference to `mtlc run --predict`; of numbers above 1 it is relative.
"""
import argparse, csv, json, pathlib, random, sys

import numpy, onnx, onnxruntime

import plan_encoders, plan_reader
from onnx_kinds import write_kinds
from programs import Failure, examples, run

ROOT = pathlib.Path(__file__).resolve().parent.parent
BOUND = 1e-5
# The rows that --verify makes up lie far from what a model was trained on. There a plan itself may be 1e-5
# from the same sums in double precision (census-dense-ple after all its epochs).
MADE_UP_BOUND = 5e-5


class Damage:
    """Makes cells of a column missing, unknown or too long, where the column's features can read that."""

    def __init__(self, plan, column):
        features = [feature for feature in plan.features if column in feature.columns]
        kinds = {feature.kind for feature in features}
        self.missing = plan.schema["format"]["missing"]
        self.is_number = bool(kinds & {"numeric", "curve", "bucketized", "vector"}) or any(
            feature.ids == "identity" for feature in features)
        self.layout = features[0].encoder["layout"] if kinds == {"sequence"} else None
        # The cells of these specs are made up, with all that can be in them.
        self.is_off = plan.model["name"].startswith("kinds")

    def cell(self, cell, random):
        chance = random.random()
        if self.is_off or chance >= 0.12:
            return cell
        if chance < 0.04:
            return random.choice(self.missing) if self.missing else cell
        if self.is_number:
            return cell
        if chance < 0.08:
            return f"unseen {random.randrange(100)}"
        if self.layout and cell:
            return chr(self.layout["separator"]).join([cell] * (self.layout["max_length"] + 1))
        return cell


def table(binary, plan, plan_file, test, count, work, seed):
    """A file of `count` rows that the plan can read, and their cells by column, as bytes."""
    form = plan.schema["format"]
    columns = list(dict.fromkeys(c for feature in plan.features for c in feature.columns))
    kept = work / "kept.csv"
    keeps = [word for column in columns for word in ("--keep", column)]
    run(binary, "run", plan_file, "--predict", test, *keeps, "-o", kept, "--quiet")
    with open(kept, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    rows = [row[:len(columns)] for row in rows]
    if form["layout"] != "csv" or form["delimiter_rest"] or form["encoding"] != "utf8":
        if form["layout"] != "slots":
            return test, columns, [[cell.encode() for cell in row] for row in rows], len(rows)
        lines = [line for line in test.read_bytes().split(b"\n") if line.strip()]
        path = work / "rows.txt"
        path.write_bytes(b"".join(lines[k % len(lines)] + b"\n" for k in range(count)))
        rows = [rows[k % len(rows)] for k in range(count)]
        return path, columns, [[cell.encode() for cell in row] for row in rows], count
    source = random.Random(seed)
    damages = [Damage(plan, column) for column in columns]
    rows = [
        [damage.cell(cell, source) for damage, cell in zip(damages, rows[k % len(rows)])]
        for k in range(count)]
    names = columns if form["has_header"] else form["columns"]
    place = {column: k for k, column in enumerate(columns)}
    path = work / "rows.csv"
    quote = chr(form["quote"]) if form["quote"] else None
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=chr(form["delimiter"]), lineterminator="\n",
                            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
                            quotechar=quote or '"')
        if form["has_header"]:
            writer.writerow(names)
        for row in rows:
            writer.writerow([row[place[name]] if name in place else "0" for name in names])
    cells = [[cell.encode() for cell in row] for row in rows]
    return path, columns, cells, count


def padded(lists, length, fill, kind):
    array = numpy.full((len(lists), length), fill, dtype=kind)
    for k, items in enumerate(lists):
        array[k, :len(items)] = items
    return array


def encoded_inputs(plan, columns, rows):
    place = {column: k for k, column in enumerate(columns)}
    inputs = {}
    for feature in plan.features:
        own = [place[column] for column in feature.columns]
        values = [feature.encode([row[k] for k in own]) for row in rows]
        if feature.kind in ("id", "bucketized", "cross"):
            inputs[feature.name] = numpy.array(values, dtype=numpy.int64)
        elif feature.kind in ("numeric", "curve", "vector"):
            inputs[feature.name] = numpy.array(values, dtype=numpy.float32)
        else:
            length = feature.encoder["layout"]["max_length"]
            inputs[feature.name] = padded([ids for ids, _ in values], length, 0, numpy.int64)
            inputs[f"{feature.name}.length"] = numpy.array([len(ids) for ids, _ in values])
            if feature.encoder["layout"]["weighted"]:
                inputs[f"{feature.name}.weights"] = padded(
                    [weights for _, weights in values], length, 0, numpy.float32)
    return inputs


def raw_inputs(plan, columns, rows):
    place = {column: k for k, column in enumerate(columns)}
    inputs, forms = {}, {}

    def put(feature, column, form, array):
        names = forms.setdefault(column, {})
        if form not in names:
            names[form] = f"{column}.{feature.name}" if names else column
            inputs[names[form]] = array

    def value(feature, text):
        if feature.ids == "vocabulary":
            return text.decode()
        return -1 if feature.is_missing(text) else int(float(text))

    for feature in plan.features:
        cells = [row[place[feature.column]] for row in rows]
        kind = object if feature.ids == "vocabulary" else numpy.int64
        if feature.kind == "id":
            put(feature, feature.column, kind,
                numpy.array([value(feature, cell) for cell in cells], dtype=kind))
        elif feature.kind == "sequence":
            layout = feature.encoder["layout"]
            length, form = layout["max_length"], (kind, layout["max_length"], layout["keep"])
            lists, weights, lengths = [], [], []
            for row, cell in zip(rows, cells):
                items = [] if feature.is_missing(cell) else plan_encoders.list_items(cell, layout)
                own = [row[place[column]] for column in feature.columns]
                weights.append(feature.encode(own)[1])
                if layout["weighted"] and layout["weights_column"] is None:
                    items = [item.rpartition(b":")[0] if b":" in item else item for item in items]
                lengths.append(len(items))
                items = items[:length] if layout["keep"] == "first" else items[-length:]
                lists.append([value(feature, item) for item in items])
            put(feature, feature.column, form,
                padded(lists, length, "" if kind is object else 0, kind))
            put(feature, f"{feature.column}.length", None, numpy.array(lengths))
            if layout["weighted"]:
                name = layout["weights_column"] or f"{feature.column}.weights"
                put(feature, name, form, padded(weights, length, 0, numpy.float32))
        elif feature.kind == "vector":
            dim = feature.encoder["layout"]["dim"]
            put(feature, feature.column, dim, numpy.array(
                [[numpy.nan] * dim if feature.is_missing(cell) else feature.encode([cell])
                 for cell in cells], dtype=numpy.float32))
        elif feature.record["cells"]["time"]:
            put(feature, feature.column, float, numpy.array(
                [numpy.nan if feature.is_missing(cell) else float(cell) for cell in cells]))
        else:
            put(feature, feature.column, float,
                numpy.array([feature.number(cell) for cell in cells]))
    return inputs


def expected(binary, plan, plan_file, path, work):
    out = work / "predictions.csv"
    run(binary, "run", plan_file, "--predict", path, "-o", out, "--quiet")
    with open(out, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    values = numpy.array(rows, dtype=numpy.float64)
    outputs, column = {}, 0
    for task in plan.model["tasks"]:
        kind = task["kind"]
        width = kind["multiclass"]["classes"] if isinstance(kind, dict) else 1
        outputs[task["name"]] = values[:, column:column + width]
        column += width
    return outputs


def largest_difference(model, inputs, outputs):
    """Relative to a value or to the usual size of its column, whichever is larger, and to 1 at the least: what is
    predicted near zero is the difference of a mean and a deviation, and has their roundings."""
    onnx.checker.check_model(str(model), full_check=True)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    assert set(names) == set(inputs), f"inputs {sorted(names)}, not {sorted(inputs)}"
    assert [value.name for value in session.get_outputs()] == list(outputs), "outputs"
    largest = 0.0
    # One row at a time too: the number of rows is not fixed.
    for rows in [slice(None), slice(0, 1), slice(1, 8)]:
        found = session.run(list(outputs), {name: inputs[name][rows] for name in names})
        for values, name in zip(found, outputs):
            want = outputs[name][rows]
            assert values.shape == want.shape, f"{name}: {values.shape}, not {want.shape}"
            usual = numpy.sqrt(numpy.mean(numpy.square(outputs[name], dtype=numpy.float64)))
            difference = numpy.abs(values - want) / numpy.maximum(max(1, usual), numpy.abs(want))
            assert numpy.isfinite(values).all(), f"{name} is not finite"
            largest = max(largest, float(difference.max(initial=0)))
    return largest


def verification(path):
    """The rows and predictions that `--verify` wrote."""
    content = json.loads(path.read_text())
    return content["inputs"], content["outputs"]


def check_verification(model, path):
    given, outputs = verification(path)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    kinds = {"tensor(int64)": numpy.int64, "tensor(float)": numpy.float32,
             "tensor(double)": numpy.float64, "tensor(string)": object}
    inputs = {}
    for value in session.get_inputs():
        kind = kinds[value.type]
        if kind in (numpy.float32, numpy.float64):
            inputs[value.name] = numpy.array(given[value.name], dtype=numpy.float64).astype(kind)
        else:
            inputs[value.name] = numpy.array(given[value.name], dtype=kind)
    return largest_difference(
        model, inputs, {name: numpy.array(values) for name, values in outputs.items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=pathlib.Path, metavar="MTLC")
    parser.add_argument("--trainer", type=pathlib.Path, help="another mtlc that trains and predicts")
    parser.add_argument("--only", default="", help="specs whose name has this text")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=1, help="0: as many as the spec says")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".build/check-onnx")
    options = parser.parse_args()
    binary, same = options.binary.resolve(), examples()
    trainer = (options.trainer or binary).resolve()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    same.prepare(str(trainer), options.data.resolve(), work)
    failures = checked = 0
    for name, spec, files in [*same.cases(options.data.resolve(), work), *write_kinds(work)]:
        if options.only not in name or same.learns_from_tasks(spec):
            continue
        if any(key != "cache" and not pathlib.Path(file).exists() for key, file in files.items()):
            print(f"{name}: left out, its data is not there")
            continue
        folder = work / name
        plan_file = folder / "plan.bin"
        try:
            if not plan_file.exists():
                sets = [word for key, file in files.items()
                        for word in ("--set", f"data.{key}={file}")]
                if options.epochs:
                    sets += ["--set", f"training.epochs={options.epochs}"]
                run(trainer, "train", spec, "-o", folder, "--quiet", *sets)
            plan = plan_reader.Plan(plan_file)
            test = pathlib.Path(files.get("test") or same.test_file(spec))
            path, columns, rows, count = table(
                trainer, plan, plan_file, test, options.rows, folder, len(name))
            outputs = expected(trainer, plan, plan_file, path, folder)
            for form, make in [("encoded", encoded_inputs), ("raw", raw_inputs)]:
                model = folder / f"{form}.onnx"
                made_up = folder / f"{form}.json"
                try:
                    run(binary, "export", plan_file, "--format", "onnx", "--inputs", form,
                        "-o", model, "--verify", made_up, "--quiet")
                except Failure as refusal:
                    print(f"{name}, {form}: refused: {refusal}")
                    # Only what ONNX has no operators for may be refused.
                    failures += "ONNX has no operators" not in str(refusal)
                    continue
                found = largest_difference(model, make(plan, columns, rows), outputs)
                own = check_verification(model, made_up)
                checked += 1
                is_far = found > BOUND or own > MADE_UP_BOUND
                failures += is_far
                print(f"{name}, {form}: {found:.2g} on {count} rows, {own:.2g} on made-up ones"
                      + (", TOO FAR" if is_far else ""), flush=True)
        except (Failure, AssertionError, plan_reader.PlanError) as error:
            print(f"{name}: {error}", flush=True)
            failures += 1
    print(f"{checked} models checked, {failures} failures")
    sys.exit(1 if failures or not checked else 0)


if __name__ == "__main__":
    main()
