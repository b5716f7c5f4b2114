"""Draws docs/regression.svg from the table of the synthetic regression in docs/results.md.

    python3 benchmarks/plot_regression.py [RESULTS.md [OUT.svg]]
"""

import re
import sys

WIDTH, HEIGHT = 560, 330
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 28, 52


def read(path):
    """Rows (p, [mmoe y1, mmoe y2, shared-bottom y1, shared-bottom y2]) as (mean, spread)."""
    rows = []
    with open(path, encoding="utf-8") as file:
        inside = False
        for line in file:
            if line.startswith("| correlation p |"):
                inside = True
            elif inside and not line.startswith("|"):
                break
            elif inside and re.match(r"\| [0-9.]+ \|", line):
                cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
                values = [tuple(float(x) for x in cell.split("±")) for cell in cells[1:]]
                rows.append((float(cells[0]), values))
    if not rows:
        sys.exit(f"{path}: there is no table of the regression")
    return rows


def nice_step(span):
    for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1):
        if span / step <= 6:
            return step
    return 2


def main():
    source = sys.argv[1] if len(sys.argv) > 1 else "docs/results.md"
    target = sys.argv[2] if len(sys.argv) > 2 else "docs/regression.svg"
    rows = read(source)
    lines = [
        ("MMoE", "#1f6fb4", [(p, [v[0], v[1]]) for p, v in rows]),
        ("Shared-Bottom", "#c8541c", [(p, [v[2], v[3]]) for p, v in rows]),
    ]
    # A point is the mean of both tasks, its bar the larger spread of the two.
    points = {
        name: [(p, sum(m for m, _ in v) / 2, max(s for _, s in v)) for p, v in data]
        for name, _, data in lines
    }
    values = [m + sign * s for data in points.values() for _, m, s in data for sign in (-1, 1)]
    step = nice_step(max(values))
    high = (int(max(values) / step) + 1) * step
    ps = [p for p, _ in rows]

    def x(p):
        span = max(ps) - min(ps) or 1
        return LEFT + 30 + (p - min(ps)) / span * (WIDTH - LEFT - RIGHT - 60)

    def y(value):
        return TOP + (1 - value / high) * (HEIGHT - TOP - BOTTOM)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' aria-label="RMSE over the correlation of the tasks" font-family="sans-serif"'
        ' font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for k in range(int(round(high / step)) + 1):
        value = k * step
        out.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"'
            ' stroke="#dddddd"/>')
        out.append(
            f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#444444">'
            f"{value:.2f}</text>")
    for p in ps:
        out.append(
            f'<text x="{x(p):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle"'
            f' fill="#444444">{p:g}</text>')
    out.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle"'
        ' fill="#222222">correlation p of the tasks</text>')
    out.append(
        f'<text x="{LEFT - 44}" y="{TOP - 10}" fill="#222222">RMSE on the test rows</text>')
    labels = []
    for name, colour, _ in lines:
        data = points[name]
        path = " ".join(f"{x(p):.1f},{y(m):.1f}" for p, m, _ in data)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for p, m, s in data:
            out.append(
                f'<line x1="{x(p):.1f}" x2="{x(p):.1f}" y1="{y(m - s):.1f}" y2="{y(m + s):.1f}"'
                f' stroke="{colour}" stroke-width="1.5"/>')
            out.append(f'<circle cx="{x(p):.1f}" cy="{y(m):.1f}" r="3.5" fill="{colour}"/>')
        labels.append([y(data[-1][1]), name, colour])
    labels.sort()
    for before, label in zip(labels, labels[1:]):
        label[0] = max(label[0], before[0] + 16)
    for place, name, colour in labels:
        out.append(
            f'<text x="{WIDTH - RIGHT + 4}" y="{place + 4:.1f}" fill="{colour}">{name}</text>')
    out.append("</svg>")
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
