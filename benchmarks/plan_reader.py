#!/usr/bin/env python3
"""Reads plan files by docs/plan-format.md alone, with nothing but Python's standard library.

    python3 benchmarks/plan_reader.py PLAN...            what each plan holds
    python3 benchmarks/plan_reader.py PLAN --json FILE   every encoder, and every parameter's values

The structure is read by the rules that the page gives; the checksum and the initial values are written
here as the page describes them, the encoders in plan_encoders.py. `Plan` is for other scripts.
"""
import argparse, array, json, math, pathlib, re, struct, sys

from plan_encoders import MASK, Feature, PlanError, f32, fnv1a

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "plan-format.md"


# The checksum and the random numbers.

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


class Plan:
    """A plan file: its sections as dictionaries, its features and its parameters."""

    def __init__(self, path):
        data = pathlib.Path(path).read_bytes()
        if data[:8] != bytes.fromhex("894D544C430D0A1A"):
            raise PlanError("not a plan")
        page = PAGE.read_text()
        self.version, length = struct.unpack_from("<IQ", data, 8)
        known = int(re.search(r"format version, at present (\d+)", page)[1])
        oldest = int(re.search(r"Plans of version (\d+) and of every later version", page)[1])
        if not oldest <= self.version <= known:
            raise PlanError(f"a plan of version {self.version}; the page describes {oldest} to {known}")
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
