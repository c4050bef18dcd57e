"""Trains the ranker of the embedded completion engine.

Reads the training rows that `ropewalk eval completion --dump-features` writes: two lines that say what the features are,
an empty line, then little-endian f32 (group, label, features). A repository may have several files: NAME.rows in any
subfolder. Writes rankers in the format of `crates/predict/src/ranker.rs`: one trained on all repositories, and
one without each of those asked for. Prints for each left-out repository how often the first choice is right and how well the
confidence is calibrated. Called by `cargo xtask train`.
"""

import argparse
import datetime
import pathlib
import struct

import lightgbm
import numpy

PARAMETERS = {
    "objective": "binary",
    "num_leaves": 63,
    "max_bin": 127,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "num_threads": 2,
    "seed": 5,
    "deterministic": True,
    "force_col_wise": True,
    "verbose": -1,
}
# Children from this number on are leaves.
LEAF = 128
# The size of the first, coarse model that tells which candidates are clearly wrong, and its share of the rows.
COARSE_TREES = 40
COARSE_SHARE = 4
# Wrong candidates less likely than this are thinned to one in so many.
DULL, DULL_SHARE = 0.03, 3


def main():
    arguments = parse_arguments()
    signatures, rows = set(), {}
    for path in sorted(arguments.rows.glob("**/*.rows")):
        signature, part = load(path, arguments.share)
        signatures.add(signature)
        rows[path.stem] = numpy.concatenate([rows[path.stem], part]) if path.stem in rows else part
    if len(signatures) != 1:
        raise SystemExit(f"the rows have different features, dump them again: {signatures}")
    arguments.signature = signatures.pop()
    arguments.output.mkdir(parents=True, exist_ok=True)
    shipped = [name for name in rows if name not in arguments.exclude]
    model = train([rows[name] for name in shipped], arguments.trees)
    write(arguments.output / "shipped.ranker", model, header(arguments, shipped))
    print("shipped: trained on", ", ".join(shipped))
    for left_out in arguments.leave_out:
        names = [name for name in rows if name != left_out]
        model = train([rows[name] for name in names], arguments.trees)
        write(arguments.output / f"{left_out}.ranker", model, header(arguments, names))
        print(left_out, describe(rows[left_out], model), flush=True)

def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=pathlib.Path, help="folder with NAME.rows files")
    parser.add_argument("output", type=pathlib.Path, help="folder for the rankers")
    parser.add_argument("--trees", type=int, default=110)
    parser.add_argument("--exclude", nargs="*", default=[], help="repositories the shipped ranker must not learn from")
    parser.add_argument("--leave-out", nargs="*", default=[], help="also train a ranker without each of these repositories")
    parser.add_argument("--share", type=int, default=1, help="learn from one in so many groups of rows")
    return parser.parse_args()


def load(path, share):
    data = path.read_bytes()
    end = data.index(b"\n\n") + 2
    signature = data[:end].decode().split("features: ")[1].strip()
    columns = int(signature.split()[0]) + 2
    rows = numpy.frombuffer(data, dtype="<f4", offset=end).reshape(-1, columns)
    return signature, rows[rows[:, 0] % share == 0]


def train(parts, trees):
    """Most rows are candidates that are clearly wrong. A first, coarse pass finds them; some of them speak for the others."""
    rows = numpy.concatenate(parts)
    sample = rows[rows[:, 0] % COARSE_SHARE == 0]
    probabilities = boost(sample, numpy.ones(len(sample)), COARSE_TREES).predict(rows[:, 2:])
    dull = (probabilities < DULL) & (rows[:, 1] == 0)
    kept = ~dull | (numpy.arange(len(rows)) % DULL_SHARE == 0)
    weights = numpy.where(dull, float(DULL_SHARE), 1.0)
    return boost(rows[kept], weights[kept], trees)


def boost(rows, weights, trees):
    data = lightgbm.Dataset(numpy.ascontiguousarray(rows[:, 2:]), rows[:, 1], weight=weights)
    # The fewer trees, the more each one has to say.
    rate = 0.1 * (120 / trees) ** 0.6
    return lightgbm.train(PARAMETERS | {"learning_rate": rate}, data, num_boost_round=trees)


def describe(rows, model):
    probabilities = model.predict(numpy.ascontiguousarray(rows[:, 2:]))
    starts = numpy.r_[0, numpy.flatnonzero(numpy.diff(rows[:, 0])) + 1]
    ends = numpy.r_[starts[1:], len(rows)]
    best = numpy.array([start + numpy.argmax(probabilities[start:end]) for start, end in zip(starts, ends)])
    predicted, right = probabilities[best], rows[best, 1]
    bins = []
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        inside = (predicted >= low) & (predicted < low + 0.2)
        bins.append(f"{predicted[inside].mean():.2f}:{right[inside].mean():.2f}")
    return f"first choice right {right.mean():.4f}, predicted:observed {' '.join(bins)}"


def header(arguments, names):
    lines = [
        "ropewalk ranker 1",
        f"features: {arguments.signature}",
        f"trained: {datetime.date.today()} with LightGBM {lightgbm.__version__}, {arguments.trees} trees of {PARAMETERS['num_leaves']} leaves",
        f"on commits of: {', '.join(name.replace('+', '/') for name in names)}",
    ]
    return "\n".join(lines) + "\n\n"


def write(path, model, text):
    trees = [flatten(tree["tree_structure"]) for tree in model.dump_model()["tree_info"]]
    data = text.encode() + struct.pack("<H", len(trees))
    for splits, leaves in trees:
        data += struct.pack("<B", len(splits))
        for feature, threshold, left, right in splits:
            data += struct.pack("<fBBB", round_up(threshold), feature, left, right)
        data += struct.pack(f"<{len(leaves)}f", *leaves)
    path.write_bytes(data)


def round_up(threshold):
    """The smallest f32 not below the threshold, so that `value <= threshold` stays true where it was."""
    single = numpy.float32(threshold)
    return single if single >= threshold else numpy.nextafter(single, numpy.float32(numpy.inf))


def flatten(root):
    splits, leaves = [], []

    def visit(node):
        if "split_feature" not in node:
            leaves.append(node["leaf_value"])
            return LEAF + len(leaves) - 1
        assert node["decision_type"] == "<="
        place = len(splits)
        splits.append(None)
        left, right = visit(node["left_child"]), visit(node["right_child"])
        splits[place] = (node["split_feature"], node["threshold"], left, right)
        return place

    visit(root)
    return splits, leaves


if __name__ == "__main__":
    main()
