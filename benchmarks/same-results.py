#!/usr/bin/env python3
"""Whether two builds of mtlc give the same bits.

    benchmarks/same-results.py OLD NEW [--only TEXT] [--mode static|eager] [--epochs N] [--plain-tasks]

OLD and NEW are mtlc binaries; OLD is run once and its results are kept in the work folder. Every
spec of examples/ is trained by both, in static and eager mode, and compared byte by byte: what
`train -o` writes as metrics.json, and the predictions of the trained plan on the test rows (of a
model that learns from tasks the evaluation of the trained plan). Specs of data that the project
generates run as they are; Adult, Census-Income, Ali-CCP, the card funnel and Omniglot are read from
../shared/data and left out, visibly, where that is absent.

With --plain-tasks NEW starts output biases at 0 and learns regressions in the unit of their labels: what
builds do that have neither `output_bias` nor `normalize`.

Results differ from machine to machine in their last bits, so both binaries must run on the same one.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


def cases(data, work):
    """Yields (name, spec, its data files where they are given)."""
    adult = {"train": data / "adult/adult.data", "test": data / "adult/adult.test"}
    census = {"train": data / "census-income/train.csv", "test": data / "census-income/test.csv"}
    card = {
        "train": data / "card-funnel/train.csv",
        "validation": data / "card-funnel/valid.csv",
        "test": data / "card-funnel/test.csv",
    }
    dense = {"train": work / "dense.train.csv", "test": work / "dense.test.csv"}
    ali = {
        "ali-ccp-esmm": data / "ali-ccp/slots-sample.txt",
        "ali-ccp-aitm": data / "ali-ccp/aitm-sample.csv",
    }
    omniglot = {"train": data / "omniglot/train.npy", "test": data / "omniglot/test.npy"}
    log = {name: work / f"ad-log/{name}.csv" for name in ["train", "test"]}
    log["cache"] = work / "ad-log/cache"
    regression = {"train": work / "regression/train.csv", "test": work / "regression/test.csv"}
    for path in sorted(EXAMPLES.glob("*.json5")):
        name = path.stem
        files = {}
        for prefix, known in [
            ("adult", adult), ("census-dense", dense), ("census", census), ("card", card),
            ("omniglot", omniglot), ("synthetic-regression", regression), ("ad-log", log),
        ]:
            if name.startswith(prefix):
                files = known
                break
        if name in ali:
            files = {"train": ali[name], "test": ali[name]}
        yield name, path, files


def prepare(old, data, work):
    """Makes the files that specs need and neither build generates while training."""
    if not (work / "regression/test.csv").exists():
        subprocess.run(
            [old, "sample", str(work / "regression"), "--like", "mmoe", "--correlation", "0.9"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not (work / "ad-log/test.csv").exists():
        subprocess.run(
            [old, "data", "synth", str(work / "ad-log"), "--like", "ali-ccp", "--rows", "200000"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (work / "ad-log/cache").mkdir(exist_ok=True)
    folder = data / "census-income"
    if folder.exists() and not (work / "dense.test.csv").exists():
        part = work / "dense.test.csv.part"
        subprocess.run(
            ["awk", "-f", str(EXAMPLES / "reproduce.d/census-dense.awk"),
             "-v", f"train={work / 'dense.train.csv'}", "-v", f"test={part}"]
            + [str(folder / f) for f in ["train.csv", "test.csv"] * 2], check=True)
        part.rename(work / "dense.test.csv")


def learns_from_tasks(path):
    return 'type: "maml"' in path.read_text()


def plain_tasks(results, path):
    """The settings without what a build before `output_bias` and `normalize` does not do.

    `results` are those of such a build, which name the tasks.
    """
    metrics = json.loads(results.get("metrics.json", "{}"))
    # A model that learns from tasks is evaluated between its steps.
    evaluations = [e.get("test", {}) for e in metrics.get("evaluations", [])]
    tasks = ([metrics.get("evaluation", {})] + evaluations)[-1].get("tasks", {})
    lines = path.read_text().splitlines()
    start = next((k for k, line in enumerate(lines) if line.startswith("  tasks: [")), None)
    if start is None:
        # Those of a funnel, named by the model; probabilities of a step given another are no tasks.
        named = [{"name": name, "output_bias": "zero"} for name in tasks if "_given_" not in name]
        return [f"tasks={json.dumps(named)}"] if named else []
    settings = []
    ends = (k for k in range(start, len(lines)) if lines[k].endswith("],") and (
        k == start or lines[k].startswith("  ]")))
    listed = sum(line.count("{") for line in lines[start : next(ends, start) + 1])
    for place, task in enumerate(list(tasks.values())[:listed]):
        if task.get("kind") != "multiclass":
            settings.append(f"tasks.{place}.output_bias=zero")
        if task.get("kind") == "regression":
            settings.append(f"tasks.{place}.normalize=false")
    return settings


def run(binary, path, files, mode, epochs, out, settings=()):
    """Trains and predicts.

    Returns the texts to compare by name; a failed command's text is its message.
    """
    command = [binary, "train", str(path), "--mode", mode, "-o", str(out), "--quiet"]
    for key, value in files.items():
        command += ["--set", f"data.{key}={value}"]
    for setting in settings:
        command += ["--set", setting]
    maml = learns_from_tasks(path)
    if maml:
        steps = 20 if path.stem.startswith("omniglot") else 60
        steps = steps if mode == "static" else max(2, steps // 10)
        command += ["--set", f"training.meta_steps={steps}"]
        if not path.stem.startswith("cold-start"):
            command += ["--set", "training.eval_episodes=40"]
    elif epochs:
        command += ["--set", f"training.epochs={epochs}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return {"exit": f"{done.returncode}: {done.stderr}"}
    metrics = json.loads((out / "metrics.json").read_bytes())
    # Builds before version 1 of the file have neither.
    for key in ["version", "conflicts"]:
        metrics.pop(key, None)
    results = {"metrics.json": json.dumps(metrics, indent=2)}
    test = files.get("test") or test_file(path)
    if maml:
        scored = subprocess.run(
            [binary, "run", str(out / "plan.bin"), "--eval", str(test), "--json", "--quiet"],
            capture_output=True, text=True)
        results["evaluation"] = scored.stdout if scored.returncode == 0 else scored.stderr
    else:
        predictions = out / "predictions.csv"
        done = subprocess.run(
            [binary, "run", str(out / "plan.bin"), "--predict", str(test), "-o", str(predictions),
             "--quiet"], capture_output=True, text=True)
        results["predictions"] = (
            predictions.read_text() if done.returncode == 0 else done.stderr)
    return results


def test_file(path):
    """The test file that a spec of generated data names."""
    for line in path.read_text().splitlines():
        if 'test: "' in line:
            return path.parent / line.split('test: "')[1].split('"')[0]
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--only", default="", help="specs whose name has this text")
    parser.add_argument("--mode", choices=["static", "eager"], help="one mode only")
    parser.add_argument("--epochs", type=int, default=1, help="0: as many as the spec says")
    parser.add_argument("--plain-tasks", action="store_true", help="output biases from 0 in NEW")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".build/same-results")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    prepare(options.old, options.data.resolve(), work)
    differing = skipped = same = 0
    for name, path, files in cases(options.data.resolve(), work):
        if options.only not in name:
            continue
        if any(not pathlib.Path(f).exists() for f in files.values()):
            print(f"{name}: skipped, its data is not there")
            skipped += 1
            continue
        for mode in [options.mode] if options.mode else ["static", "eager"]:
            key = f"{name}.{mode}.{options.epochs}"
            kept = work / f"{key}.old.json"
            if not kept.exists():
                out = work / f"{key}.old"
                kept.write_text(json.dumps(run(options.old, path, files, mode, options.epochs, out)))
            old = json.loads(kept.read_text())
            if "unknown model type" in old.get("exit", ""):
                print(f"{name} {mode}: skipped, OLD does not have the model")
                skipped += 1
                continue
            settings = plain_tasks(old, path) if options.plain_tasks else ()
            new = run(
                options.new, path, files, mode, options.epochs, work / f"{key}.new", settings)
            bad = [part for part in sorted(set(old) | set(new)) if old.get(part) != new.get(part)]
            if "exit" in old:
                bad.append(f"exit {old['exit'][:200]}")
            if bad:
                differing += 1
                print(f"{name} {mode}: DIFFERS in {', '.join(bad)}", flush=True)
                if "exit" in new:
                    print("  " + new["exit"][:400])
            else:
                same += 1
                print(f"{name} {mode}: same ({', '.join(sorted(new))})", flush=True)
    print(f"{same} runs the same, {differing} differ, {skipped} skipped")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
