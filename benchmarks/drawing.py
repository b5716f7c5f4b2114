"""An SVG picture in the colours of the docs, light or dark as the reader's page is."""
import math
from xml.sax.saxutils import escape

STYLE = """
text { fill: #1d2733; font-family: system-ui, 'DejaVu Sans', sans-serif; font-size: 12px }
.title { font-size: 15px } .small { font-size: 11px; fill: #55606e }
.page { fill: #ffffff } .grid { stroke: #dde2e8; stroke-width: 1 }
.s0 { fill: #3b6ea5 } .s1 { fill: #c98b3a } .s2 { fill: #80868e } .link { stroke: #b6bec8; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9aa6b3 } .page { fill: #0d1117 } .grid { stroke: #2b333d }
  .s0 { fill: #6ea8e0 } .s1 { fill: #e0a75a } .s2 { fill: #a3abb5 } .link { stroke: #4a5460 }
}
"""


class Picture:
    """Collects shapes; `text` keeps what it is given within the picture's width."""

    def __init__(self, width, height, title):
        self.width = width
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">',
            f"<style>{STYLE}</style>", f'<rect class="page" width="{width}" height="{height}"/>']
        self.text(20, 24, title, "title")

    def text(self, x, y, words, style="", anchor="start"):
        size = 15 if style == "title" else 12
        wide = 0.62 * size * len(words)  # no letter of the fonts above is wider on average
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
        if left < 0 or left + wide > self.width:
            raise ValueError(f"{words!r} does not fit in the picture")
        style = f' class="{style}"' if style else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}"{style} text-anchor="{anchor}">{escape(words)}</text>')

    def bar(self, x, y, width, height, style):
        self.parts.append(f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>')

    def dot(self, x, y, style):
        self.parts.append(f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')

    def line(self, x1, y1, x2, y2, style="grid"):
        self.parts.append(f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def legend(self, x, y, names):
        """Colour keys side by side from x on."""
        for index, name in enumerate(names):
            self.bar(x, y - 9, 10, 10, f"s{index}")
            self.text(x + 15, y, name)
            x += 40 + 7.2 * len(name)

    def save(self, path):
        path.write_text("\n".join([*self.parts, "</svg>"]) + "\n", encoding="utf-8")


class LogAxis:
    """A logarithmic horizontal axis between two places of a picture."""

    def __init__(self, low, high, left, right):
        self.low, self.high, self.left, self.right = low, high, left, right

    def __call__(self, value):
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return self.left + share * (self.right - self.left)

    def draw(self, picture, ticks, top, bottom, name):
        """Grid lines at the ticks with their values below, and the axis' name below those."""
        for tick in ticks:
            picture.line(self(tick), top, self(tick), bottom)
            picture.text(self(tick), bottom + 16, f"{tick:,g}", "small", "middle")
        picture.text((self.left + self.right) / 2, bottom + 36, name, "", "middle")
