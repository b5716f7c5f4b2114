#!/usr/bin/env python3
"""What each pass is worth: the time of a training step without it, against the step with all.

    python3 benchmarks/ablation.py --out docs
    python3 benchmarks/ablation.py --redraw docs

Builds nothing: run `swift build -c release` first. Writes ablation.json and ablation.svg into --out
and prints a table; --redraw draws an ablation.json anew. Steps with all passes are timed before and after each pass that is left out, so
that a machine that slows down meanwhile does not count as the pass's worth.
"""
import argparse, json, pathlib, re, subprocess

from drawing import LogAxis, Picture

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
    """A bar for each pass and case: times the step with all passes."""
    names = [name for name in table if any(ratio > 1.02 for ratio in table[name])]
    width, bar, left, right, top = 760, 12, 170, 700, 68
    bottom = top + len(names) * (len(CASES) * bar + 10)
    picture = Picture(width, bottom + 50, "What a step costs without a pass")
    picture.legend(20, 48, [f"{spec}, batch {batch}" for spec, batch in CASES])
    most = max(max(table[name]) for name in names)
    axis = LogAxis(1, max(most, 2), left, right)
    ticks = [tick for tick in (1, 1.25, 1.5, 2, 3, 4, 6, 8, 12, 16) if tick <= max(most, 2)]
    axis.draw(picture, ticks, top, bottom, "time of the step without it / time with all passes, logarithmic")
    y = top
    for name in names:
        picture.text(left - 10, y + 2 * bar, name, "", "end")
        for index, ratio in enumerate(table[name]):
            picture.bar(left, y + 5, max(1, axis(ratio) - left), bar - 2, f"s{index}")
            picture.text(max(left + 1, axis(ratio)) + 4, y + bar + 3, f"{ratio:.2f}", "small")
            y += bar
        y += 10
    picture.save(path)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out")
    options.add_argument("--redraw", type=pathlib.Path)
    options = options.parse_args()
    if options.redraw:
        record = json.loads((options.redraw / "ablation.json").read_text())
        return chart({name: list(ratios.values()) for name, ratios in record.items()}, options.redraw / "ablation.svg")
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
