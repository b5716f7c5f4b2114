#!/usr/bin/env python3
"""Kills one process of a training run at a random moment, again and again, and looks at what is left.

    benchmarks/kill-ranks.py MTLC [--runs 50] [--seed 1] [--launchers mpirun.openmpi,mpirun.mpich]

Each run trains with 2, 3 or 4 processes (`train --mpi --checkpoint`), with tables that are whole at each process or
sharded, and loses one of them to SIGKILL. Then

- all processes and the launcher have ended within ten seconds, and one of them has named the process, but where
  the mpirun of MPICH was faster, which is counted;
- the checkpoint, where there is one, is whole: `mtlc inspect` reads it;
- the run that goes on from it, or from the start, ends with the bytes of one that nobody disturbed.

The last line counts the runs; the exit code is 1 after a run that did not do so.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SPEC = """{
  name: "small", data: { train: "train.csv", test: "test.csv" },
  features: [
    { columns: ["city", "device"], type: "id", embedding_dim: 4 },
    { name: "member", type: "id", hash_bucket_size: 20000, embedding_dim: 8 },
    { columns: ["age", "discount"], type: "numeric", normalizer: "zscore" },
  ],
  tasks: [{ name: "click" }, { name: "purchase" }],
  model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
  training: {
    batch_size: 2000, epochs: 12, optimizer: { type: "adam", learning_rate: 0.01 },
    sparse_optimizer: { type: "lazy_adam" },
  },
}"""

ENVIRONMENT = os.environ | {
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1", "NO_COLOR": "1",
}


class Bench:
    def __init__(self, mtlc, folder):
        self.mtlc, self.folder = mtlc, folder
        subprocess.run([mtlc, "sample", ".", "--rows", "20000", "--test-rows", "1000"], cwd=folder,
                       check=True, capture_output=True)
        with open(f"{folder}/spec.json5", "w") as file:
            file.write(SPEC)
        self.known, self.times = {}, {}

    def command(self, out, batches, placement, *more):
        return [self.mtlc, "train", "spec.json5", "-o", out, "--quiet", "--no-report", "--threads", "1",
                "--set", f"training.micro_batches={batches}",
                "--set", f"training.sparse_optimizer.placement={placement}", *more]

    def bytes(self, out):
        found = []
        for name in ["plan.bin", "metrics.json"]:
            with open(f"{self.folder}/{out}/{name}", "rb") as file:
                found.append(file.read())
        return found

    def undisturbed(self, batches, placement):
        """The files of one process alone."""
        key = (batches, placement)
        if key not in self.known:
            out = f"alone-{batches}-{placement}"
            subprocess.run(self.command(out, *key), cwd=self.folder, check=True, capture_output=True)
            self.known[key] = self.bytes(out)
        return self.known[key]

    def start(self, launcher, processes, command):
        # A group of its own, so that all of it can be ended should it hang.
        # Each process has a file of its own for errors: the mpirun of MPICH loses what is said as it ends.
        apart = ["sh", "-c", 'exec "$@" 2> errors-${OMPI_COMM_WORLD_RANK:-$PMI_RANK}', "sh"]
        return subprocess.Popen(
            ["timeout", "-k", "1", "120", launcher, "-n", str(processes), *apart, *command],
            cwd=self.folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            text=True, start_new_session=True)

    def seconds(self, launcher, processes, batches, placement):
        """How long a run takes that nobody disturbs, from when its processes are there."""
        key = (launcher, processes, placement)
        if key not in self.times:
            run = self.start(launcher, processes, self.command("whole", batches, placement, "--mpi", "--checkpoint"))
            while len(ranks("whole")) < processes and run.poll() is None:
                time.sleep(0.02)
            start = time.monotonic()
            output, _ = run.communicate()
            if run.returncode != 0:
                sys.exit(output)
            self.times[key] = time.monotonic() - start
            shutil.rmtree(f"{self.folder}/whole")
        return self.times[key]


def ranks(out):
    """The processes of the run by number."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            if b"train" not in words[:2] or out.encode() not in words:
                continue
            with open(f"/proc/{name}/environ", "rb") as file:
                match = re.search(rb"(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)", file.read())
            if match:
                found[int(match.group(1))] = int(name)
        except OSError:
            continue
    return found


def disturb(bench, launcher, number, chance):
    """One run. Returns what it was, and what was wrong with it or None."""
    processes = chance.choice([2, 3, 4])
    batches = 6 if processes == 3 else 8
    placement = chance.choice(["replicated", "sharded"])
    victim = chance.randrange(processes)
    delay = chance.random() * bench.seconds(launcher, processes, batches, placement)
    what = f"{launcher}, {processes} processes, {placement}, process {victim} after {delay:.2f} s"
    good = bench.undisturbed(batches, placement)
    out = f"out-{number}"
    command = bench.command(out, batches, placement, "--mpi", "--checkpoint")
    run = bench.start(launcher, processes, command)
    try:
        end = time.monotonic() + 30
        while len(found := ranks(out)) < processes and time.monotonic() < end and run.poll() is None:
            time.sleep(0.02)
        try:
            output, _ = run.communicate(timeout=delay)
        except subprocess.TimeoutExpired:
            output = None
        if output is None:
            killed = time.monotonic()
            try:
                os.kill(found[victim], signal.SIGKILL)
            except (KeyError, ProcessLookupError):
                pass  # It has just ended.
            try:
                output, _ = run.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                return what, "the run has not ended after ten seconds"
            seconds = time.monotonic() - killed
            left = ranks(out)
            if left:
                time.sleep(max(0, 10 - seconds))
                left = ranks(out)
            what += f": ended after {seconds:.2f} s"
            if left:
                return what, f"processes {sorted(left)} are left"
            said = "".join(
                open(f"{bench.folder}/errors-{rank}").read() for rank in range(processes))
            names = rf"process {victim} is gone|process rank {victim} with"
            if re.search(names, said + output):
                what += ", named"
            elif run.returncode != 0:
                # MPICH's mpirun kills the others at once, perhaps before one of them could say it.
                if "mpich" not in launcher:
                    return what, f"nobody has named the process: {said} {output}"
                what += ", not named"
        ended = run.returncode
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
    checkpoint = f"{out}/checkpoint.bin"
    more = []
    if ended != 0:
        if os.path.exists(f"{bench.folder}/{checkpoint}"):
            more = ["--resume"]
            look = subprocess.run([bench.mtlc, "inspect", checkpoint], cwd=bench.folder, capture_output=True,
                                  text=True)
            if look.returncode != 0:
                return what, f"the checkpoint is not whole: {look.stderr}"
            what += ", from a checkpoint"
        others = bench.start(launcher, processes, bench.command(
            out, batches, placement, "--mpi", *(more or ["--checkpoint"])))
        output, _ = others.communicate()
        if others.returncode != 0:
            return what, f"going on ended with {others.returncode}: {output}"
    else:
        what += ", which had ended"
    if bench.bytes(out) != good:
        return what, "other bytes"
    shutil.rmtree(f"{bench.folder}/{out}")
    return what, None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mtlc")
    parser.add_argument("--runs", type=int, default=50, help="that lose a process, of each launcher")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--launchers", default="mpirun.openmpi,mpirun.mpich")
    options = parser.parse_args()
    launchers = [name for name in options.launchers.split(",") if shutil.which(name)]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(options.mtlc), folder)
        wrong = 0
        for launcher in launchers:
            chance = random.Random(options.seed)
            unnamed = 0
            number = kills = 0
            while kills < options.runs:
                what, fault = disturb(bench, launcher, number, chance)
                kills += "had ended" not in what
                number += 1
                unnamed += ", not named" in what
                print(f"{number}: {what}{'' if fault is None else ': WRONG: ' + fault}", flush=True)
                wrong += fault is not None
            print(f"{launcher}: {unnamed} of {kills} ended before a process could say which was killed")
        print(f"{options.runs} kills with each of {', '.join(launchers)}: {wrong} wrong")
        sys.exit(1 if wrong else 0)


main()
