#!/usr/bin/env python3
"""Reads plan files by docs/plan-format.md alone, with nothing but Python's standard library.

    python3 benchmarks/plan_reader.py PLAN...            what each plan holds
    python3 benchmarks/plan_reader.py PLAN --json FILE   every encoder, and every parameter's values

The structure is read by the rules that the page gives; the checksum, the encoders and the initial
values are written here as the page describes them. `Plan` is for other scripts.
"""
import argparse, array, json, math, pathlib, re, struct, sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "plan-format.md"
MASK = (1 << 64) - 1


class PlanError(Exception):
    pass


# The checksum, the hash and the random numbers.

def checksum(data):
    lanes = [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89]

    def step(lane, word):
        product = ((lane ^ word) * 0x9FB21C651E98DF25) & MASK
        return (product << 31 | product >> 33) & MASK

    words = struct.unpack_from(f"<{len(data) // 8}Q", data)
    blocks = len(data) // 32 * 4
    for lane in range(4):
        value = lanes[lane]
        for word in words[lane:blocks:4]:
            value = step(value, word)
        lanes[lane] = value
    for word in words[blocks:]:
        lanes[0] = step(lanes[0], word)
    lanes[0] = step(lanes[0], int.from_bytes(data[len(words) * 8:], "little"))
    result = lanes[0]
    for word in lanes[1:] + [len(data)]:
        result = step(result, word)
    return result ^ result >> 29


def fnv1a(*parts):
    value = 0xCBF29CE484222325
    for byte in b"".join(parts):
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def philox(counter, key):
    c0, c1, c2, c3 = counter
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for round in range(10):
        if round:
            k0, k1 = k0 + 0x9E3779B9 & 0xFFFFFFFF, k1 + 0xBB67AE85 & 0xFFFFFFFF
        p, q = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = q >> 32 ^ c1 ^ k0, q & 0xFFFFFFFF, p >> 32 ^ c3 ^ k1, p & 0xFFFFFFFF
    return c0, c1, c2, c3


def mix(x):
    z = x + 0x9E3779B97F4A7C15 & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def f32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def initial_values(seed, parameter):
    """The start values of a parameter, row-major."""
    count = parameter["rows"] * parameter["columns"]
    (kind, fields), = parameter["initializer"].items()
    if kind == "constant":
        return [f32(fields["value"])] * count
    key = mix(seed + mix(fnv1a(parameter["name"].encode())) & MASK)
    values = []
    for n in range(count):
        c = philox((n & 0xFFFFFFFF, n >> 32, 0, 0xFFFFFFFF), key)
        u = ((c[0] << 32 | c[1]) >> 11) * 2.0 ** -53
        v = ((c[2] << 32 | c[3]) >> 11) * 2.0 ** -53
        if kind == "uniform":
            values.append(f32((2 * u - 1) * fields["limit"]))
        else:
            radius = math.sqrt(-2 * math.log(1 - u))
            values.append(f32(fields["deviation"] * radius * math.cos(2 * math.pi * v)))
    return values


# The rules of the page.

def rules(page):
    """By name a list of fields (name, type), or a map from codes to (case, fields)."""
    found = {}
    text = "\n".join(re.findall(r"\n```plan\n(.*?)\n```", page, re.S))
    for line in re.sub(r"\n +", " ", text).split("\n"):
        name, right = line.split(" = ", 1)
        if right[0].isdigit():
            cases = {}
            for part in right.split(" | "):
                code, case, inner = re.fullmatch(r"(\d+) (\w+)(?: \((.*)\))?", part).groups()
                cases[int(code)] = (case, fields(inner) if inner else [])
            found[name] = cases
        else:
            found[name] = fields(right)
    return found


def fields(text):
    return [tuple(part.split(": ")) for part in text.split(", ")]


class Reader:
    """Reads values out of bytes; a record becomes a dictionary, a case its name or {name: fields}."""

    def __init__(self, rules, data):
        self.rules, self.data, self.place = rules, data, 0

    def take(self, count):
        if count > len(self.data) - self.place:
            raise PlanError("a section is shorter than its contents")
        self.place += count
        return self.data[self.place - count:self.place]

    def varint(self):
        value = shift = 0
        while True:
            byte, = self.take(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def read(self, type):
        if type == "[f32]":
            values = array.array("f", bytes(self.take(4 * self.varint())))
            if sys.byteorder == "big":
                values.byteswap()
            return values
        if type.endswith("?"):
            return self.read(type[:-1]) if self.read("flag") else None
        if type.startswith("["):
            return [self.read(type[1:-1]) for _ in range(self.varint())]
        if type == "int":
            bits = self.varint()
            return bits >> 1 ^ -(bits & 1)
        if type == "text":
            return bytes(self.take(self.varint())).decode()
        if type == "flag":
            return self.take(1)[0] != 0
        fixed = {"u8": "B", "u64": "Q", "f32": "f", "f64": "d"}.get(type)
        if fixed:
            return struct.unpack("<" + fixed, self.take(struct.calcsize(fixed)))[0]
        rule = self.rules[type]
        if isinstance(rule, list):
            return {name: self.read(inner) for name, inner in rule}
        code, = self.take(1)
        if code not in rule:
            raise PlanError(f"{type} has no case {code}")
        case, inner = rule[code]
        return {case: {name: self.read(type) for name, type in inner}} if inner else case


# The encoders. A cell is bytes; None stands for a cell that a row lacks.

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
        if self.kind == "numeric":
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
        if normalizer["logarithm"]:
            number = math.copysign(math.log1p(abs(number)), number)
        number = (number - normalizer["offset"]) * normalizer["scale"]
        largest = 3.4028234663852886e38
        return f32(min(max(number, -largest), largest))


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


class Plan:
    """A plan file: its sections as dictionaries, its features and its parameters."""

    def __init__(self, path):
        data = pathlib.Path(path).read_bytes()
        if data[:8] != bytes.fromhex("894D544C430D0A1A"):
            raise PlanError("not a plan")
        page = PAGE.read_text()
        self.version, length = struct.unpack_from("<IQ", data, 8)
        known = int(re.search(r"format version, at present (\d+)", page)[1])
        if self.version != known:
            raise PlanError(f"a plan of version {self.version}; the page describes version {known}")
        if length != len(data):
            raise PlanError(f"truncated: {len(data)} bytes of {length}")
        if checksum(data[:-8]) != int.from_bytes(data[-8:], "little"):
            raise PlanError("damaged: the checksum differs")
        table = rules(page)
        self.sections = {}
        place = 20
        while place < length - 8:
            tag = data[place:place + 4].decode("ascii")
            size, = struct.unpack_from("<Q", data, place + 4)
            reader = Reader(table, memoryview(data)[place + 12:place + 12 + size])
            self.sections[tag] = {name: reader.read(type) for name, type in table[tag]}
            if reader.place != size:
                raise PlanError(f"section {tag} is longer than its contents")
            place += 12 + size
        self.model, self.schema = self.sections["MODL"], self.sections["SCHM"]
        self.features = [
            Feature(record, self.schema["format"]) for record in self.schema["features"]]

    def parameters(self):
        """Yields (record, values), the values row-major; the initial ones of an untrained plan."""
        block = self.sections["WGHT"]["floats"] if "WGHT" in self.sections else None
        seed = self.sections["TRAN"]["seed"]
        for record in self.sections["PARM"]["parameters"]:
            if block is None:
                yield record, self.given(record, initial_values(seed, record))
                continue
            values = array.array("f")
            for row in range(record["rows"]):
                start = record["offset"] + row * record["row_stride"]
                values += block[start:start + record["columns"]]
            yield record, values

    def given(self, record, values):
        """The values with the rows that the plan begins with."""
        for rows in self.sections.get("INIT", {"rows": []})["rows"]:
            if rows["parameter"] != record["name"]:
                continue
            place, columns = 0, record["columns"]
            for part in rows["ranges"]:
                count = (part["to"] - part["from"]) * columns
                start = part["from"] * columns
                values[start:start + count] = rows["values"][place:place + count]
                place += count
        return values


def summary(feature):
    if feature.ids:
        inner = feature.id_fields
        size = len(inner["tokens"]) if feature.ids == "vocabulary" else next(iter(inner.values()))
        return f"{feature.kind} ({feature.ids} of {size})"
    if feature.kind == "bucketized":
        return f"bucketized ({len(feature.encoder['boundaries'])} boundaries)"
    inner = {name: value for name, value in feature.encoder.items()}
    return f"{feature.kind} {inner}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("plans", nargs="+", metavar="PLAN")
    parser.add_argument("--json", help="write the encoders and parameters of one plan to this file")
    options = parser.parse_args()
    failed = False
    for path in options.plans:
        try:
            plan = Plan(path)
            parameters = list(plan.parameters())
        except (PlanError, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed = True
            continue
        trained = "trained" if "WGHT" in plan.sections else "untrained"
        numbers = sum(len(values) for _, values in parameters)
        print(f"{path}: {plan.model['name']}, version {plan.version}, {trained}, checksum right, "
              f"{len(parameters)} parameters of {numbers} numbers, {len(plan.features)} features")
        if len(options.plans) == 1:
            for feature in plan.features:
                print(f"  {feature.name}: {summary(feature)}")
            for record, values in parameters:
                shape = "×".join(map(str, record["shape"])) or "scalar"
                print(f"  {record['name']} {shape}: {min(values):.6g} … {max(values):.6g}")
        if options.json:
            content = {"schema": plan.schema, "parameters": {
                record["name"]: {"shape": record["shape"], "values": list(values)}
                for record, values in parameters}}
            pathlib.Path(options.json).write_text(json.dumps(content))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
