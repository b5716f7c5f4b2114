#!/usr/bin/env python3
"""Times mtlc beside other frameworks in one sitting, and draws what came out.

    python3 benchmarks/compare.py --peers ../shared/peers --python VENV/bin/python --out docs

Builds nothing: run `swift build -c release` first. Writes performance.json and performance.svg into
--out and prints a table. Without --peers only mtlc is timed.
"""
import argparse, json, pathlib, re, subprocess, sys

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


def chart(rows, path):
    """Bars of microseconds a step, logarithmic, one group a line of the table."""
    import math
    width, bar, left, top = 760, 14, 190, 40
    height = top + len(rows) * (3 * bar + 10) + 30
    low, high = 10, max(v for _, values in rows for _, v in values) * 1.2
    scale = lambda v: (width - left - 90) * math.log(max(v, low) / low) / math.log(high / low)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             'font-family="system-ui, sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="#fff"/>',
             '<text x="20" y="22" font-size="15">Microseconds a training step (logarithmic)</text>']
    y = top
    for name, values in rows:
        parts.append(f'<text x="20" y="{y + 2 * bar - 3}">{name}</text>')
        for (who, value), color in zip(values, ("#3b6ea5", "#c98b3a", "#9a9a9a")):
            parts.append(f'<rect x="{left}" y="{y}" width="{scale(value):.1f}" height="{bar - 2}" fill="{color}"/>')
            parts.append(f'<text x="{left + scale(value) + 5:.1f}" y="{y + bar - 4}">{who} {value:.0f}</text>')
            y += bar
        y += 3 * bar - bar * len(values) + 10
    parts.append("</svg>")
    path.write_text("\n".join(parts) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--peers")
    options.add_argument("--python", default=sys.executable)
    options.add_argument("--out")
    options = options.parse_args()
    models = {"mmoe-dense": "mmoe", "ple-dense": "ple"}
    ours = {spec: mtlc(spec) for spec in [*models, "mmoe-census"]}
    theirs = jax(options.python, options.peers, list(models.values())) if options.peers else {}
    print(f"{'model':12} {'batch':>6} {'mtlc µs':>9} {'JAX µs':>9} {'fused µs':>9} {'ratio':>6} {'of peak':>8}")
    rows, record = [], []
    for spec, steps in ours.items():
        for batch, row in steps.items():
            plain = theirs.get((models.get(spec), "jit", batch))
            fused = theirs.get((models.get(spec), "hand-fused-scan", batch))
            best = min([v for v in (plain, fused) if v], default=None)
            cell = lambda v: f"{v * 1e3:9.0f}" if v else " " * 9
            ratio = f"{best * 1e3 / row['step_us_median']:6.1f}" if best else " " * 6
            print(f"{spec:12} {batch:6} {row['step_us_median']:9.1f} {cell(plain)} {cell(fused)} {ratio} {row['peak_fraction']:8.1%}")
            values = [("mtlc", row["step_us_median"])]
            values += [("JAX", plain * 1e3)] if plain else []
            values += [("JAX, fused by hand", fused * 1e3)] if fused else []
            rows.append((f"{spec}, batch {batch}", values))
            record.append(dict(row, spec=spec, jax_ms=plain, jax_fused_ms=fused))
    if options.out:
        out = pathlib.Path(options.out)
        out.mkdir(parents=True, exist_ok=True)
        (out / "performance.json").write_text(json.dumps(record, indent=1) + "\n")
        chart(rows, out / "performance.svg")


main()
