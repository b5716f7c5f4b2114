#!/usr/bin/env python3
"""What each pass is worth: the time of a training step without it, against the step with all.

    python3 benchmarks/ablation.py --out docs

Builds nothing: run `swift build -c release` first. Writes ablation.json and ablation.svg into --out
and prints a table. Steps with all passes are timed before and after each pass that is left out, so
that a machine that slows down meanwhile does not count as the pass's worth.
"""
import argparse, json, pathlib, re, subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
MTLC = ROOT / ".build/release/mtlc"
CASES = [("mmoe-dense", 32), ("mmoe-dense", 1024), ("mmoe-census", 32)]


def passes():
    """The passes that can be left out, from the message about one that there is not."""
    message = subprocess.run([MTLC, "bench", ROOT / "benchmarks/mmoe-dense.json5", "--disable", "?"],
                             capture_output=True, text=True).stderr
    names = re.findall(r"[a-z_]+", message.split("The passes are")[-1])
    return [name for name in names if name != "differentiate"]


def step(spec, batch, disabled):
    command = [MTLC, "bench", ROOT / "benchmarks" / f"{spec}.json5", "--batch", str(batch),
               "--seconds", "1", "--json"]
    for name in disabled:
        command += ["--disable", name]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(out)[0]["step_us_median"]


def chart(table, path):
    """A bar for each pass and case: times the step with all passes, logarithmic."""
    import math
    names = [name for name in table if any(ratio > 1.02 for ratio in table[name])]
    width, bar, left, top = 760, 11, 170, 64
    height = top + len(names) * (len(CASES) * bar + 8) + 10
    most = max(max(table[name]) for name in names)
    scale = lambda v: max(1, (width - left - 70) * math.log(max(v, 1)) / math.log(most))
    colors = ("#3b6ea5", "#7fa7cf", "#c98b3a", "#5b8c5a")
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             'font-family="system-ui, sans-serif" font-size="11">',
             f'<rect width="{width}" height="{height}" fill="#fff"/>',
             '<text x="20" y="22" font-size="15">Time of a step without a pass, in times of the '
             'step with all (logarithmic)</text>']
    for index, (spec, batch) in enumerate(CASES):
        x = 20 + index * 180
        parts.append(f'<rect x="{x}" y="36" width="10" height="10" fill="{colors[index]}"/>')
        parts.append(f'<text x="{x + 15}" y="45">{spec}, batch {batch}</text>')
    y = top
    for name in names:
        parts.append(f'<text x="20" y="{y + 2 * bar}">{name}</text>')
        for index, ratio in enumerate(table[name]):
            parts.append(f'<rect x="{left}" y="{y}" width="{scale(ratio):.1f}" height="{bar - 2}" '
                         f'fill="{colors[index]}"/>')
            parts.append(f'<text x="{left + scale(ratio) + 4:.1f}" y="{y + bar - 3}">{ratio:.2f}</text>')
            y += bar
        y += 8
    parts.append("</svg>")
    path.write_text("\n".join(parts) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out")
    options = options.parse_args()
    names = passes()
    table = {}
    reference = {case: step(*case, []) for case in CASES}
    print(f"{'without':20}" + "".join(f"{spec + ' ' + str(batch):>18}" for spec, batch in CASES))
    for name in [*names, "all of them"]:
        ratios = []
        for spec, batch in CASES:
            without = step(spec, batch, names if name == "all of them" else [name])
            before, reference[spec, batch] = reference[spec, batch], step(spec, batch, [])
            ratios.append(without / min(before, reference[spec, batch]))
        table[name] = ratios
        print(f"{name:20}" + "".join(f"{ratio:18.2f}" for ratio in ratios), flush=True)
    if options.out:
        out = pathlib.Path(options.out)
        record = {name: dict(zip((f"{s} {b}" for s, b in CASES), ratios))
                  for name, ratios in table.items()}
        (out / "ablation.json").write_text(json.dumps(record, indent=1) + "\n")
        chart(table, out / "ablation.svg")


main()
