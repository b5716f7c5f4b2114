"""Running programs, and the specs of examples/ with their data: what the checks of exports share."""
import importlib.util
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Failure(Exception):
    """A program that ended with an error; its text is the error."""


def examples():
    """The module benchmarks/same-results.py, which knows the data of the examples."""
    place = ROOT / "benchmarks" / "same-results.py"
    spec = importlib.util.spec_from_file_location("same_results", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*command, codes={}):
    """Runs a program and returns what it prints. `codes` says what exit codes without a message mean."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        code = done.returncode
        raise Failure(done.stderr.strip() or codes.get(code) or f"exit code {code}")
    return done.stdout
