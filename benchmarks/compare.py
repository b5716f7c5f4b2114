#!/usr/bin/env python3
"""Times mtlc beside other frameworks in one sitting, and draws what came out.

    python3 benchmarks/compare.py --peers PEERS --python VENV/bin/python --out docs
    python3 benchmarks/compare.py --redraw docs

Builds nothing: run `swift build -c release` first. Writes performance.json and performance.svg into
--out and prints a table. Without --peers only mtlc is timed. --redraw draws a performance.json anew.
"""
import argparse, json, pathlib, re, subprocess, sys

from drawing import LogAxis, Picture

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCHES = [32, 256, 1024, 4096]


def mtlc(spec, *more):
    command = [ROOT / ".build/release/mtlc", "bench", ROOT / "benchmarks" / f"{spec}.json5",
               "--batch", ",".join(map(str, BATCHES)), "--json", *more]
    rows = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {row["batch"]: row for row in rows}


def jax(python, peers, models):
    """Milliseconds a step by (model, form, batch)."""
    out = subprocess.run([python, "bench_jax.py", ",".join(models)], cwd=peers, check=True,
                         capture_output=True, text=True).stdout
    found = re.findall(r"jax \S+ (\w+) (\S+) B=(\d+) .*?step_ms=([\d.]+)", out)
    return {(model, form, int(batch)): float(ms) for model, form, batch, ms in found}


def chart(record, path):
    """A line for each model and batch: dots for the times of a step, and how many times as fast."""
    row, top, left, right, width = 22, 68, 190, 630, 760
    models = list(dict.fromkeys(entry["spec"] for entry in record))
    bottom = top + row * len(record) + 10 * (len(models) - 1)
    picture = Picture(width, bottom + 50, "Time of a training step, two threads")
    picture.legend(20, 48, ["mtlc", "JAX", "JAX, fused by hand"])
    picture.text(width - 20, 48, "times as fast as JAX", "small", "end")
    axis = LogAxis(10, 40_000, left, right)
    axis.draw(picture, [10, 100, 1000, 10_000], top, bottom, "microseconds, logarithmic")
    y = top - row / 2 - 10
    for index, entry in enumerate(record):
        first = index == 0 or record[index - 1]["spec"] != entry["spec"]
        y += row + (10 if first else 0)
        ours = entry["step_us_median"]
        peers = [(style, ms * 1e3) for style, ms in (("s1", entry["jax_ms"]), ("s2", entry["jax_fused_ms"])) if ms]
        picture.text(left - 14, y + 4, f"{entry['spec']}, batch {entry['batch']}", "", "end")
        if peers:
            picture.line(axis(ours), y, axis(max(us for _, us in peers)), y, "link")
            picture.text(width - 20, y + 4, f"{min(us for _, us in peers) / ours:.1f}", "", "end")
        for style, us in peers:
            picture.dot(axis(us), y, style)
        picture.dot(axis(ours), y, "s0")
        picture.text(axis(ours) - 10, y + 4, f"{ours:,.0f}", "small", "end")
    picture.save(path)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--peers")
    options.add_argument("--python", default=sys.executable)
    options.add_argument("--out")
    options.add_argument("--redraw", type=pathlib.Path)
    options = options.parse_args()
    if options.redraw:
        return chart(json.loads((options.redraw / "performance.json").read_text()), options.redraw / "performance.svg")
    models = {"mmoe-dense": "mmoe", "ple-dense": "ple"}
    ours = {spec: mtlc(spec) for spec in [*models, "mmoe-census"]}
    theirs = jax(options.python, options.peers, list(models.values())) if options.peers else {}
    print(f"{'model':12} {'batch':>6} {'mtlc µs':>9} {'JAX µs':>9} {'fused µs':>9} {'ratio':>6} {'of peak':>8}")
    record = []
    for spec, steps in ours.items():
        for batch, row in steps.items():
            plain = theirs.get((models.get(spec), "jit", batch))
            fused = theirs.get((models.get(spec), "hand-fused-scan", batch))
            best = min([v for v in (plain, fused) if v], default=None)
            cell = lambda v: f"{v * 1e3:9.0f}" if v else " " * 9
            ratio = f"{best * 1e3 / row['step_us_median']:6.1f}" if best else " " * 6
            print(f"{spec:12} {batch:6} {row['step_us_median']:9.1f} {cell(plain)} {cell(fused)} {ratio} {row['peak_fraction']:8.1%}")
            record.append(dict(row, spec=spec, jax_ms=plain, jax_fused_ms=fused))
    if options.out:
        out = pathlib.Path(options.out)
        out.mkdir(parents=True, exist_ok=True)
        (out / "performance.json").write_text(json.dumps(record, indent=1) + "\n")
        chart(record, out / "performance.svg")


main()
