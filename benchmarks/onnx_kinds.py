"""Two specs with every kind of feature and made-up rows for them, for check-onnx.py."""
import csv, random

# Kinds of features beside those of the examples.
PLAIN = """
    { name: "n", type: "id", num_ids: 50, embedding_dim: 4 },
    { name: "a", type: "id", encoding: "one_hot", missing: ["a3"] },
    { name: "tags", type: "sequence", separator: "|", max_length: 3, embedding_dim: 4, pooling: "max",
      weighted: true },
    { name: "last", column: "items", type: "sequence", separator: ",", brackets: true, max_length: 2,
      embedding_dim: 4, weights_column: "weights" },
    { name: "first", column: "items", type: "sequence", separator: ",", brackets: true, max_length: 2,
      keep: "first", embedding_dim: 4, pooling: "sum", weights_column: "weights" },
    { name: "aimed", column: "items", type: "sequence", separator: ",", brackets: true, max_length: 4,
      embedding_dim: 4, pooling: "attention", attention_target: "n" },
    { name: "amount", type: "numeric", normalizer: "log", decimal: ",", thousands: "." },
    { name: "level", column: "amount", type: "numeric", num_buckets: 16, embedding_dim: 4, decimal: ",",
      thousands: "." },
    { name: "bins", column: "amount", type: "numeric", encoding: "piecewise_linear", num_bins: 9,
      decimal: ",", thousands: "." },
    { name: "waves", column: "amount", type: "numeric", encoding: "periodic", num_frequencies: 5,
      normalizer: "quantile", embedding_dim: 4, decimal: ",", thousands: "." },
    { name: "epoch", type: "datetime", time_format: "milliseconds", utc_offset: 5.5, embedding_dim: 2,
      parts: ["month", "day", "week", "weekday", "weekend", "hour", "minute", "year", "days"] },
    { name: "place", type: "vector", dim: 3, separator: ";" },
"""
OTHERS = """
    { name: "hashed", column: "a", type: "id", hash_bucket_size: 64, embedding_dim: 4 },
    { name: "both", type: "cross", of: ["a", "n"], hash_bucket_size: 300, embedding_dim: 4 },
    { name: "day", type: "datetime", parts: ["month", "week", "days"], embedding_dim: 2 },
    { name: "when", type: "datetime", time_format: "%d.%m.%Y %H:%M", parts: ["weekday", "hour"],
      embedding_dim: 2 },
"""


def write_kinds(work):
    """Writes the rows and the two specs, and yields their names with the specs."""
    source = random.Random(7)
    columns = ["n", "a", "tags", "items", "weights", "amount", "epoch", "place", "day", "when",
               "click", "kind", "spend"]
    for name in ["train.csv", "test.csv"]:
        with open(work / name, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            for _ in range(10_000):
                writer.writerow(kinds_row(source, columns))
    for name, features in [("kinds-plain", PLAIN), ("kinds-all", PLAIN + OTHERS)]:
        spec = work / f"{name}.json5"
        spec.write_text(f"""{{
          data: {{ train: "train.csv", test: "test.csv" }},
          features: [{features}],
          tasks: [
            {{ name: "click" }},
            {{ name: "kind", loss: "softmax_cross_entropy", classes: ["k0", "k1", "k2"] }},
            {{ name: "spend", loss: "mse" }},
          ],
          model: {{ type: "mmoe", num_experts: 4, expert_hidden_units: [16], batch_norm: true,
            tower_hidden_units: [8] }},
          training: {{ batch_size: 256, epochs: 1 }},
        }}""")
        yield name, spec, {}


def kinds_row(source, columns):
    pick = source.randrange
    tags = [f"t{pick(30)}" + source.choice(["", ":0.5", ":2"]) for _ in range(pick(6))]
    items = [source.choice(["x{}", "'x{}'", '"x, {}"']).format(pick(20)) for _ in range(pick(6))]
    amount = f"{pick(3_000_000):,}".replace(",", ".") + f",{pick(100):02}"
    zone = source.choice(["", "Z", "+02:00", "-0930"])
    date = f"{1950 + pick(100)}-{1 + pick(12):02}-{1 + pick(28):02}"
    time = f"{pick(24):02}:{pick(60):02}"
    cells = {
        "n": pick(60), "a": f"a{pick(8)}", "tags": "|".join(tags), "items": f"[{', '.join(items)}]",
        "weights": ",".join(f"{1 + pick(8) / 4}" for _ in items), "amount": amount,
        "epoch": pick(4_000_000_000_000) - 1_000_000_000_000,
        "place": ";".join(f"{source.gauss(0, 1):.4f}" for _ in range(3)),
        "day": date + source.choice(["", f" {time}", f"T{time}:07.5{zone}", f"T{time}{zone}"]),
        "when": f"{1 + pick(28):02}.{1 + pick(12):02}.{1950 + pick(100)} {time}",
        "click": pick(2), "kind": f"k{pick(3)}", "spend": pick(100),
    }
    return ["" if c not in ("click", "kind", "spend", "items", "weights") and pick(20) == 0
            else cells[c] for c in columns]
