#!/usr/bin/env python3
"""Makes docs/gallery.md and its pictures: models as `mtlc draw` shows them, and parts of reports.

    benchmarks/gallery.py MTLC [--work FOLDER]

Only examples whose data the project generates are taken. Pictures of reports are photographs of their pages by
Chromium, which must be on the PATH as chromium.
"""
import argparse
import pathlib
import re
import subprocess
import sys

from programs import ROOT, run

DOCS = ROOT / "docs"
PICTURES = DOCS / "gallery"

MODELS = [
    ("sample-shared-bottom", "Shared-Bottom", "One network for all tasks, and a tower for each."),
    ("sample-mmoe", "MMoE", "Eight experts, which a gate of each task weighs row by row."),
    ("sample-esmm", "ESMM", "The purchase is predicted as click times purchase given a click."),
    ("sample-aitm", "AITM", "Each step of a funnel hands what it learned on to the next by attention."),
    ("sample-dbmtl", "DBMTL", "Towers of tasks read what the tasks before them predicted."),
    ("synthetic-funnel-v4", "Funnel, version 4", "A funnel of four steps: probabilities are multiplied along it, and attention hands on what was learned."),
    ("cold-start-maml", "MAML", "The model that is adapted to the few rows of a new user."),
]

# By example: what is cut from its report, as (picture, section, heading or None, title, sentence).
REPORTS = {
    "sample-mmoe": [
        ("predictions", "Predictions", "click", "Predictions of a task",
         "ROC and precision-recall curves, whether probabilities are right, and how rows are spread."),
        ("slices", "Parts of the rows", "click", "The rows that are predicted worst",
         "Each value of an id and each fifth of a number is a part; the one whose AUC is most clearly below"
         " that of all rows stands first."),
        ("gates", "Model", "Gates", "What gates do",
         "The weight of each expert for each task, with its spread over the rows."),
        ("experts", "Model", "How alike experts are", "How alike experts are",
         "Dark pairs compute nearly the same, so that one of them could go."),
        ("importance", "Features", None, "What the model goes by",
         "How much worse each task becomes when a feature's values are dealt out to the rows at random."),
    ],
    "synthetic-funnel-v4": [
        ("training", "Training", None, "How training went",
         "Losses by epoch; metrics, weights and conflicts of tasks where they were measured."),
        ("funnel", "Predictions", "Steps of the funnel", "Steps of a funnel",
         "How many rows took each step, how many were predicted to, and whether predictions respect the order."),
    ],
}

WIDTH = 740


def part(page, section, heading):
    """The page with one section alone, or with what follows one of its headings."""
    found = re.search(rf"<section><h2>{re.escape(section)}</h2>\n(.*?)\n</section>", page, re.S)
    if not found:
        sys.exit(f"the report has no section {section}")
    body = found[1]
    if heading:
        pieces = re.split(r"(?=<h3>)", body)
        # Cards have headings of their own; those of a section begin a line.
        kept = [piece for piece in pieces if piece.startswith(f"<h3>{heading}</h3>")]
        if not kept:
            sys.exit(f"{section} has no heading {heading}")
        body = kept[0]
    head = page[:page.index("<body>")]
    # A photograph is of the light page, on paper of one colour.
    return f"{head}<body style=\"padding: 12px\">{body}</body></html>"


def photograph(page, target, work):
    file = work / "part.html"
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               f"--user-data-dir={work / 'browser'}", "--force-color-profile=srgb"]

    def take(text, *options):
        file.write_text(text, encoding="utf-8")
        return subprocess.run([*browser, *options, f"file://{file}"], check=True,
                              capture_output=True, text=True).stdout

    script = ("<script>document.title = 'high ' + Math.ceil("
              "document.body.getBoundingClientRect().height)</script></body>")
    measured = take(page.replace("</body>", script), f"--window-size={WIDTH},4000", "--dump-dom")
    height = int(re.search(r"<title>high (\d+)</title>", measured)[1])
    take(page, f"--window-size={WIDTH},{height}", f"--screenshot={target}")
    if target.stat().st_size > 300_000:
        sys.exit(f"{target} has {target.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=pathlib.Path, metavar="MTLC")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".build/gallery")
    options = parser.parse_args()
    mtlc, work = options.binary.resolve(), options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    text = [
        "# Gallery", "",
        "What [looking inside a model](looking-inside.md) gives for the specs of `examples/`, made by"
        " `benchmarks/gallery.py`.", "", "## Models", "",
    ]
    for name, title, sentence in MODELS:
        picture = PICTURES / f"{name}.svg"
        run(mtlc, "draw", ROOT / f"examples/{name}.json5", "-o", picture, "--quiet")
        text += [f"### {title}", "", sentence, "", f"    mtlc draw examples/{name}.json5 -o model.svg", "",
                 f"![The parts of {title}](gallery/{name}.svg)", ""]
    text += ["## Reports", "",
             "Parts of `report.html`, which `mtlc train -o` writes; the pages follow the reader's light or dark"
             " colours.", ""]
    for name, parts in REPORTS.items():
        page = work / name / "report.html"
        if not page.exists():
            run(mtlc, "train", ROOT / f"examples/{name}.json5", "-o", work / name, "--quiet")
        for picture, section, heading, title, sentence in parts:
            photograph(part(page.read_text(encoding="utf-8"), section, heading),
                       PICTURES / f"{picture}.png", work)
            text += [f"### {title}", "", sentence, "",
                     f"![{title}, of examples/{name}.json5](gallery/{picture}.png)", ""]
    (DOCS / "gallery.md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
