"""The encoders of a plan as docs/plan-format.md describes them: what cells become. See plan_reader.py."""
import math, re, struct

MASK = (1 << 64) - 1


class PlanError(Exception):
    pass


def fnv1a(*parts):
    value = 0xCBF29CE484222325
    for byte in b"".join(parts):
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def f32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


# A cell is bytes; None stands for a cell that a row lacks.

class Feature:
    """A feature of a plan and how its cells become numbers."""

    def __init__(self, record, table):
        self.record, self.name, self.column = record, record["name"], record["column"]
        (self.kind, self.encoder), = record["encoder"].items()
        texts = table["missing"] + record["cells"]["missing"]
        self.missing = {text.encode() for text in texts}
        marks = record["cells"]["numbers"]
        self.decimal = bytes([marks["decimal"]])
        thousands = marks["thousands"]
        self.thousands = [" ", "\u00a0", "\u202f"] if thousands == " " else [thousands] * bool(thousands)
        self.ids = None
        if "ids" in self.encoder:
            (self.ids, self.id_fields), = self.encoder["ids"].items()
            if self.ids == "vocabulary":
                self.places = {}
                for place, token in enumerate(self.id_fields["tokens"]):
                    self.places.setdefault(token.encode(), place + 1)

    @property
    def columns(self):
        if self.kind == "cross":
            return self.encoder["columns"]
        weights = self.encoder["layout"]["weights_column"] if self.kind == "sequence" else None
        return [self.column] + ([weights] if weights else [])

    def is_missing(self, cell):
        return cell is None or cell in self.missing

    def id(self, text):
        if self.is_missing(text):
            return 0
        if self.ids == "vocabulary":
            return self.places.get(text, 0)
        if self.ids == "hash":
            return fnv1a(text) % self.id_fields["buckets"] + 1
        value = float(text)
        if value != int(value):
            raise PlanError(f"{text!r} is no whole number")
        return int(value) + 1 if 0 <= value < self.id_fields["count"] else 0

    def number(self, cell):
        """The number of a cell as a double, NaN where it is missing."""
        if self.is_missing(cell):
            return math.nan
        if self.record["cells"]["time"]:
            return time_part(cell.decode(), self.record["cells"]["time"])
        text = cell.decode()
        for mark in self.thousands:
            text = text.replace(mark, "")
        return float(text.replace(self.decimal.decode(), "."))

    def encode(self, cells):
        """What the columns of a row give: an id, a float, `dim` floats, or (ids, weights)."""
        if self.kind == "id":
            return self.id(cells[0])
        if self.kind == "cross":
            if any(self.is_missing(cell) for cell in cells):
                return 0
            return fnv1a(*[cell + b"\x1f" for cell in cells]) % self.encoder["buckets"] + 1
        if self.kind in ("numeric", "curve"):
            return self.scaled(self.number(cells[0]))
        if self.kind == "bucketized":
            number = self.number(cells[0])
            if math.isnan(number):
                return 0
            return 1 + sum(boundary <= number for boundary in self.encoder["boundaries"])
        layout = self.encoder["layout"]
        items = [] if self.is_missing(cells[0]) else list_items(cells[0], layout)
        if self.kind == "vector":
            return [f32(float(item)) for item in items] if items else [0.0] * layout["dim"]
        return self.sequence(items, cells, layout)

    def sequence(self, items, cells, layout):
        weights = [1.0] * len(items)
        if layout["weights_column"] is not None:
            if not self.is_missing(cells[1]):
                weights = [f32(float(item)) for item in list_items(cells[1], layout)]
        elif layout["weighted"]:
            for place, item in enumerate(items):
                if b":" in item:
                    items[place], _, weight = item.rpartition(b":")
                    weights[place] = f32(float(weight))
        most = layout["max_length"]
        part = slice(0, most) if layout["keep"] == "first" else slice(max(0, len(items) - most), None)
        return [self.id(item) for item in items[part]], weights[part]

    def scaled(self, number):
        normalizer = self.encoder["normalizer"]
        if math.isnan(number):
            return normalizer["missing"]
        if self.kind == "curve":
            number = interpolated(number, self.encoder["curve"])
        else:
            if normalizer["logarithm"]:
                number = math.copysign(math.log1p(abs(number)), number)
            number = (number - normalizer["offset"]) * normalizer["scale"]
        largest = 3.4028234663852886e38
        return f32(min(max(number, -largest), largest))


def interpolated(number, curve):
    """The place of a number on the lines through the points of a curve."""
    points = list(zip(curve["inputs"], curve["outputs"]))
    if len(points) < 2:
        return points[0][1] if points else 0.0
    place = max(0, min(sum(a <= number for a, _ in points) - 1, len(points) - 2))
    (a, p), (b, q) = points[place], points[place + 1]
    share = (number - a) / (b - a)
    if curve["is_clamped"]:
        share = min(max(share, 0.0), 1.0)
    return p + share * (q - p)


def list_items(cell, layout):
    """The items of a list, without spaces around them and without empty ones."""
    separator = bytes([layout["separator"]])
    if not layout["brackets"]:
        return [item for item in (part.strip(b" \t") for part in cell.split(separator)) if item]
    cell = cell.strip(b" \t")
    if len(cell) >= 2 and (cell[:1] + cell[-1:]) in (b"[]", b"()", b"{}"):
        cell = cell[1:-1]
    quoted = rb"""[ \t]*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")[ \t]*"""
    pattern = re.compile(rb"(?:" + quoted + rb"|([^" + re.escape(separator) + rb"]*))(?:"
                         + re.escape(separator) + rb"|$)", re.S)
    items, place = [], 0
    while place <= len(cell):
        match = pattern.match(cell, place)
        single, double, plain = match.groups()
        if plain is None:
            items.append(single if single is not None else double)
        elif plain.strip(b" \t"):
            items.append(plain.strip(b" \t"))
        if match.end() == len(cell):
            break
        place = match.end()
    return items


def time_part(text, reading):
    """A part of a date or a time as a number."""
    import datetime

    form = reading["format"]
    if form in ("seconds", "milliseconds"):
        seconds = float(text) / (1000 if form == "milliseconds" else 1)
        seconds += 60 * reading["utc_offset"]
    else:
        seconds = written_seconds(text, form, reading["utc_offset"])
    day = math.floor(seconds / 86400)
    second = seconds - day * 86400
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    return float({
        "year": date.year, "month": date.month, "day": date.day,
        "week": date.isocalendar()[1], "weekday": date.isoweekday(),
        "weekend": date.isoweekday() > 5, "hour": min(23, second // 3600),
        "minute": second // 60 % 60, "days": day + second / 86400,
    }[reading["part"]])


def written_seconds(text, form, utc_offset):
    import datetime

    if form != "iso":
        moment = datetime.datetime.strptime(text, form["pattern"]["text"])
    else:
        text = text.replace("/", "-").replace(",", ".")
        found = re.fullmatch(
            r"(\d{4})-?(\d\d)-?(\d\d)(?:[Tt ](\d\d):?(\d\d)(?::?(\d\d)(?:\.(\d+))?)?)? ?"
            r"([Zz]|[+-]\d\d(?::?\d\d)?)?", text)
        if not found:
            raise PlanError(f"{text!r} is no date or time")
        *numbers, fraction, zone = found.groups()
        moment = datetime.datetime(*[int(number or 0) for number in numbers])
        moment = moment.replace(microsecond=int(round(float(f"0.{fraction or 0}") * 1e6)))
        if zone:
            hours, minutes = (zone[1:].replace(":", "") + "0000")[:4][:2], "0"
            minutes = (zone[1:].replace(":", "") + "0000")[2:4]
            offset = 0 if zone in "Zz" else int(hours) * 60 + int(minutes)
            offset *= -1 if zone[0] == "-" else 1
            moment = moment.replace(
                tzinfo=datetime.timezone(datetime.timedelta(minutes=offset)))
    if moment.tzinfo is None:
        return (moment - datetime.datetime(1970, 1, 1)).total_seconds()
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (moment - start).total_seconds() + 60 * utc_offset
