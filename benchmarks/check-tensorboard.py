#!/usr/bin/env python3
"""Whether the tensorboard package reads what `mtlc train --tensorboard` writes.

    VENV/bin/python benchmarks/check-tensorboard.py MTLC [--work FOLDER]

The Python that runs this has the package tensorboard; the project needs it nowhere. The sample's MMoE, with
validation rows, is trained for three epochs, and the model of cold starts for 60 steps. EventAccumulator must
find every loss, metric and learning rate of metrics.json, histograms whose counts are whole, and the spec; and
of a run that was made twice in one folder only the second.
"""
import argparse
import json
import math
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from programs import ROOT, run


def read(folder):
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    events.Reload()
    return events


def same(found, wanted, tag):
    """Scalars are floats of 32 bits."""
    assert len(found) == len(wanted), f"{tag}: {len(found)} values, not {len(wanted)}"
    for a, b in zip(found, wanted):
        assert math.isclose(a, b, rel_tol=1e-6), f"{tag}: {a}, not {b}"


def scalars(events, tag):
    return [entry.value for entry in events.Scalars(tag)]


def check_rows(mtlc, work):
    folder, log = work / "rows", work / "log-rows"
    for _ in range(2):
        run(mtlc, "train", ROOT / "examples/sample-mmoe.json5", "-o", folder, "--quiet", "--no-report",
            "--tensorboard", log, "--set", "training.epochs=3", "--set", "data.validation_fraction=0.1")
    events = read(log)
    metrics = json.loads((folder / "metrics.json").read_text())
    epochs = metrics["epochs"]
    same(scalars(events, "loss"), [epoch["loss"] for epoch in epochs], "loss")
    assert [entry.step for entry in events.Scalars("loss")] == [1, 2, 3]
    same(scalars(events, "learning_rate"), [epoch["learning_rate"] for epoch in epochs], "rate")
    for task, measured in metrics["evaluation"]["tasks"].items():
        same(scalars(events, f"loss/{task}"), [e["task_losses"][task] for e in epochs], task)
        for name, value in measured.items():
            if name in ("kind", "rows", "best_auc") or value is None:
                continue
            same(scalars(events, f"test/{name}/{task}"), [value], name)
            same(scalars(events, f"validation/{name}/{task}"),
                 [e["validation"]["tasks"][task][name] for e in epochs], name)
    for pair, points in metrics["conflicts"].items():
        same(scalars(events, f"cosine/{pair}"), [cosine for _, cosine in points], pair)
    histograms = events.Tags()["histograms"]
    gates = [tag for tag in histograms if tag.startswith("gates/")]
    assert len(gates) == 16, gates
    assert any(tag.startswith("gradients/click/experts") for tag in histograms), histograms
    for tag in histograms:
        for entry in events.Histograms(tag):
            value = entry.histogram_value
            assert sum(value.bucket) == value.num > 0, tag
            assert len(value.bucket) == len(value.bucket_limit), tag
            assert value.min <= value.sum / value.num <= value.max, tag
    weights = sum(events.Histograms(tag)[-1].histogram_value.sum for tag in gates)
    # Two gates, each of which shares 1 out to the experts in each of 256 rows.
    assert abs(weights - 512) < 0.01, weights
    text = events.Tensors("spec")[-1].tensor_proto.string_val[0].decode()
    assert "sample-mmoe" in text
    return len(events.Tags()["scalars"]), len(histograms)


def check_episodes(mtlc, work):
    folder, log = work / "episodes", work / "log-episodes"
    run(mtlc, "train", ROOT / "examples/cold-start-maml.json5", "-o", folder, "--quiet", "--no-report",
        "--tensorboard", log, "--set", "training.meta_steps=60")
    events = read(log)
    metrics = json.loads((folder / "metrics.json").read_text())
    same(scalars(events, "loss"), [part["loss"] for part in metrics["history"]], "loss")
    assert [e.step for e in events.Scalars("loss")] == [part["step"] for part in metrics["history"]]
    last = metrics["evaluations"][-1]["test"]["loss"]
    same(scalars(events, "test/query_loss")[-1:], [last], "query loss")
    return len(events.Tags()["scalars"]), 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=pathlib.Path, metavar="MTLC")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".build/check-tensorboard")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    for old in [*work.glob("log-*/*")]:
        old.unlink()
    for check in [check_rows, check_episodes]:
        counts = check(options.binary.resolve(), work)
        print(f"{check.__name__}: {counts[0]} scalars and {counts[1]} histograms are right")


if __name__ == "__main__":
    sys.exit(main())
