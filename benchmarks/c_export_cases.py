"""Specs and made-up rows for check-c-export.py."""
import csv
import random

KINDS = {
    "id": "{ name: 'city', type: 'id', embedding_dim: 4, missing: ['-1', 'n/a'] }",
    "one_hot": "{ name: 'device', type: 'id', encoding: 'one_hot' }",
    "hash": "{ name: 'user', type: 'id', hash_bucket_size: 97, embedding_dim: 4 }",
    "identity": "{ name: 'slot', type: 'id', num_ids: 12, embedding_dim: 2 }",
    "list": "{ name: 'brand', type: 'id', vocab_list: ['b1', 'b2', 'é?\"\\\\', '??/'], embedding_dim: 4 }",
    "zscore": "{ name: 'age', type: 'numeric' }",
    "log": "{ name: 'income', type: 'numeric', normalizer: 'log' }",
    "minmax": "{ name: 'share', type: 'numeric', normalizer: 'minmax' }",
    "plain": "{ name: 'plain', type: 'numeric', normalizer: 'none' }",
    "boundaries": "{ name: 'price', type: 'numeric', boundaries: [0.1, 0.3, 0.7], embedding_dim: 3 }",
    "quantiles": "{ name: 'visits', type: 'numeric', num_buckets: 8, raw: true, embedding_dim: 2,"
    " missing: ['-'] }",
    "bucket_one_hot": "{ name: 'level', type: 'numeric', boundaries: [1, 2], encoding: 'one_hot' }",
    "bins": "{ name: 'visits.bins', column: 'visits', type: 'numeric', encoding: 'piecewise_linear',"
    " num_bins: 9, point_masses: true, embedding_dim: 3, missing: ['-'] }",
    "waves": "{ name: 'share.waves', column: 'share', type: 'numeric', encoding: 'periodic',"
    " num_frequencies: 5, embedding_dim: 3 }",
    "marks": "{ name: 'amount', type: 'numeric', decimal: ',', thousands: ' ' }",
    "iso": "{ name: 'when', type: 'datetime', parts: ['year', 'month', 'day', 'week', 'weekday',"
    " 'weekend', 'hour', 'minute', 'days'], embedding_dim: 2, utc_offset: 2 }",
    "pattern": "{ name: 'day', type: 'datetime', time_format: '%d. %b %y, %I:%M:%S.%f %p %z',"
    " parts: ['week', 'hour', 'days'], embedding_dim: 2, utc_offset: -3.5 }",
    "seconds": "{ name: 'epoch', type: 'datetime', time_format: 'seconds', parts: ['weekday', 'days'],"
    " embedding_dim: 2 }",
    "milliseconds": "{ name: 'millis', type: 'datetime', time_format: 'milliseconds',"
    " parts: ['minute'], encoding: 'one_hot' }",
    "cross": "{ name: 'pair', type: 'cross', of: ['city', 'age', 'amount'], hash_bucket_size: 50,"
    " embedding_dim: 3 }",
    "vector": "{ name: 'vec', type: 'vector', dim: 3, separator: ' ', brackets: true }",
    "mean": "{ name: 'history', type: 'sequence', pooling: 'mean', max_length: 5, embedding_dim: 4 }",
    "sum": "{ name: 'tags', type: 'sequence', pooling: 'sum', weighted: true, keep: 'first',"
    " max_length: 4, embedding_dim: 4, hash_bucket_size: 40 }",
    "max": "{ name: 'views', type: 'sequence', pooling: 'max', separator: ' ', max_length: 6,"
    " embedding_dim: 4, num_ids: 30 }",
    "attention": "{ name: 'bag', type: 'sequence', pooling: 'attention', attention_target: 'city',"
    " brackets: true, weights_column: 'bag weights', embedding_dim: 4 }",
    "weighted_mean": "{ name: 'mix', type: 'sequence', pooling: 'mean', weighted: true, separator: ';',"
    " max_length: 7, embedding_dim: 4 }",
}

TWO = "[{ name: 'click' }, { name: 'purchase' }]"
MANY = (
    "[{ name: 'click' }, { name: 'spent', loss: 'mse' }, { name: 'kind', classes: ['a', 'b', 'c'] },"
    " { name: 'gain', loss: 'ziln' }]"
)
MODELS = {
    "shared_bottom": "type: 'shared_bottom', bottom_hidden_units: [24], tower_hidden_units: [8]",
    "mmoe": "type: 'mmoe', num_experts: 3, expert_hidden_units: [24, 12], gate_hidden_units: [5],"
    " tower_hidden_units: [8]",
    "mmoe_v2": "type: 'mmoe_v2', num_layers: 2, num_experts: 3, expert_hidden_units: [16],"
    " tower_hidden_units: [8]",
    "cgc": "type: 'cgc', num_task_experts: 2, num_shared_experts: 1, expert_hidden_units: [12],"
    " tower_hidden_units: [7]",
    "ple": "type: 'ple', num_levels: 2, num_task_experts: 1, num_shared_experts: 2,"
    " expert_hidden_units: [20], tower_hidden_units: [3]",
    "dbmtl": "type: 'dbmtl', bottom_hidden_units: [16], num_experts: 2, expert_hidden_units: [8],"
    " tower_hidden_units: [8], relation_hidden_units: [5], parents: { purchase: 'click' }",
    "esmm": "type: 'esmm', tower_hidden_units: [16], user_features: ['city', 'user']",
    "funnel_v2": "type: 'funnel_v2', tower_hidden_units: [16, 8]",
    "funnel_v3": "type: 'funnel_v3', tower_hidden_units: [16], conditional_outputs: true",
    "funnel_v4": "type: 'funnel_v4', tower_hidden_units: [16], info_hidden_units: [5]",
    "aitm": "type: 'aitm', tower_hidden_units: [16, 8]",
}
STYLES = {
    **{
        f"activation {name}": f"activation: '{name}'"
        for name in ["sigmoid", "tanh", "silu", "gelu", "leaky_relu", "prelu", "dice"]
    },
    "batch_norm": "batch_norm: true",
    "layer_norm": "layer_norm: true",
    "dropout": "dropout: 0.2",
    "dcn_v2": "interaction: { type: 'dcn_v2', layers: 2 }",
    "dcn_v2 low rank": "interaction: { type: 'dcn_v2', layers: 2, rank: 4 }",
}
# Embeddings of one width.
PAIRS = ["fm", "bi_interaction"]


def cases():
    """Yields (name, features, model, tasks)."""
    for name, model in MODELS.items():
        yield name, list(KINDS), model, TWO
    for kind in KINDS:
        yield f"mmoe of {kind}", ["id"] * (kind != "id") + [kind], MODELS["mmoe"], TWO
    for name in ["shared_bottom", "mmoe", "ple"]:
        yield f"{name} of other tasks", ["id", "zscore", "mean"], MODELS[name], MANY
    for name, style in STYLES.items():
        yield f"mmoe with {name}", ["id", "zscore", "mean"], f"{MODELS['mmoe']}, {style}", TWO
    for name in PAIRS:
        style = f"interaction: {{ type: '{name}' }}"
        yield f"mmoe with {name}", ["id", "list", "mean", "zscore"], f"{MODELS['mmoe']}, {style}", TWO


# MARK: Rows

COLUMNS = (
    "city device user slot brand age income share plain price visits level amount when day epoch millis"
    " vec history tags views bag mix"
).split() + ["bag weights"]
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def row(random, is_new):
    """The texts of a row; of a new one with values that no training row has."""
    def word(prefix, count):
        if is_new and random.random() < 0.1:
            return random.choice(["never", "日本", "x" * 3000, prefix, "a/*b*/", "-"])
        return f"{prefix}{random.randrange(count)}"

    def number(low, high):
        if is_new and random.random() < 0.05:
            return random.choice(
                ["1e30", "-1e30", "0", "-0.0", "1" * 400 + "e-399", "0." + "0" * 300 + "1", "+3", ".5",
                 "1.", "0.1", "0.3", "0.7", "123456789012345678901234567890", "2.5E-3"]
            )
        return f"{random.uniform(low, high):.{random.randrange(8)}f}"

    def items(count, separator, item):
        size = random.randrange(count) if not is_new or random.random() > 0.02 else 400
        return separator.join(item() for _ in range(size))

    bag = [f"'{word('t', 9)}'" for _ in range(random.randrange(7))]
    # A quote or a separator within an item would end it.
    bag = [item for item in bag if "," not in item]
    date = (random.randrange(1960, 2100), random.randrange(1, 13), random.randrange(1, 29))
    clock = (random.randrange(24), random.randrange(60), random.randrange(60))
    whole = random.randrange(0, 9_999_999)
    texts = {
        "city": word("c", 12),
        "device": word("d", 4),
        "user": word("u", 500),
        "slot": str(random.randrange(-1, 14) if is_new else random.randrange(12)),
        "brand": random.choice(["b1", "b2", 'é?"\\', "??/", "e\u0301", "b9"]),
        "age": number(18, 80),
        "income": number(-100, 90000),
        "share": number(0, 1),
        "plain": number(-1, 1),
        "price": number(0, 1),
        "visits": number(0, 30),
        "level": random.choice(["0", "1", "1.5", "2", "3"]),
        "amount": f"{whole:,}".replace(",", random.choice([" ", "\u00a0", "\u202f"]))
        + f",{random.randrange(100):02}",
        "when": "{:04}-{:02}-{:02}".format(*date)
        + random.choice(["", " {:02}:{:02}", "T{:02}:{:02}:{:02}Z", " {:02}:{:02}:{:02},25 -0330"]).format(*clock),
        "day": f"{date[2]}. {MONTHS[date[1] - 1]} {date[0] % 100:02}, {clock[0] % 12 + 1}:{clock[1]}:"
        f"{clock[2]}.{random.randrange(10**6)} {random.choice(['AM', 'pm'])} +0{random.randrange(9)}:30",
        "epoch": number(-1e9, 4e9) if not is_new else str(random.randrange(-10**9, 4 * 10**9)),
        "millis": str(random.randrange(-10**12, 4 * 10**12)),
        "vec": "[" + " ".join(f"{random.uniform(-1, 1):.3f}" for _ in range(3)) + "]",
        "history": items(9, "|", lambda: word("h", 20)),
        "tags": items(6, "|", lambda: word("g", 20) + random.choice(["", ":2", ":-0.5", ":1e-3"])),
        "views": items(9, " ", lambda: str(random.randrange(33))),
        "bag": "[" + ", ".join(bag) + "]",
        "bag weights": "[" + ", ".join(f"{random.uniform(0, 2):.2f}" for _ in bag) + "]",
        "mix": items(9, ";", lambda: word("m", 15) + random.choice(["", ":2", ":0.25"])),
    }
    if texts["epoch"].lstrip("+-").startswith(("1111", "1e30", "12345")):
        texts["epoch"] = "0"
    for name in COLUMNS:
        if random.random() < 0.05:
            texts[name] = random.choice(["", "?"])
    if texts["bag"] in ("", "?") or not bag:
        texts["bag weights"] = ""
    if random.random() < 0.05:
        texts["city"] = random.choice(["-1", "n/a"])
    return texts


def write_rows(path, count, seed, is_new):
    """Writes a table; returns its rows."""
    generator = random.Random(seed)
    rows = [row(generator, is_new) for _ in range(count)]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS + ["click", "purchase", "spent", "kind", "gain"])
        for texts in rows:
            click = generator.random() < 0.4 + 0.3 * (texts["city"] < "c5")
            writer.writerow(
                [texts[name] for name in COLUMNS]
                + [int(click), int(click and generator.random() < 0.5), f"{generator.gauss(100, 30):.2f}",
                   generator.choice("abc"), "0" if generator.random() < 0.5 else f"{generator.random() * 50:.1f}"]
            )
    return rows
