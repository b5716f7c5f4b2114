#!/usr/bin/env python3
"""Runs `mtlc compare` on every example, with every variant of the kernels that this machine has.

    python3 benchmarks/compare-examples.py [--steps N] [--variants generic,avx512] [NAME…]

Prints for each example and variant how near the modes came to their limits, and ends with 1 where they do
not agree. NAME takes the examples whose names hold it. Examples whose data cannot be had here are said. The
program is .build/release/mtlc, or what MTLC names.
"""
import argparse, glob, os, re, subprocess, sys, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOL = os.environ.get('MTLC', os.path.join(ROOT, '.build', 'release', 'mtlc'))


def run(arguments, variant):
    environment = os.environ | {'NO_COLOR': '1'}
    environment.pop('MTLC_ISA', None)
    if variant:
        environment['MTLC_ISA'] = variant
    return subprocess.run([TOOL] + arguments, env=environment, capture_output=True, text=True)


def variants():
    """Those that this machine has, the best first: the tool names them where it is asked for another."""
    said = run(['version'], 'none').stderr
    found = re.search(r'it has (.+)', said)
    return found.group(1).split(', ') if found else sys.exit(f'{TOOL}: {said}')


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--steps', type=int, help='steps to compare; those of the command otherwise')
    parser.add_argument('--variants', help='these instead of all')
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    wanted = options.variants.split(',') if options.variants else variants()
    failures = absent = agreed = 0
    for path in sorted(glob.glob(os.path.join(ROOT, 'examples', '*.json5'))):
        name = os.path.basename(path)[:-len('.json5')]
        if options.names and not any(part in name for part in options.names):
            continue
        for variant in wanted:
            start = time.time()
            steps = ['--steps', str(options.steps)] if options.steps else []
            result = run(['compare', path, '-q'] + steps, variant)
            took = f'{time.time() - start:.0f} s'
            near = re.search(r'nearest to its limit: (.+)', result.stdout)
            if result.returncode == 4 and not near:
                reason = result.stderr.strip().split('\n')[-1]
                print(f'{name}: left out: {reason}', flush=True)
                absent += 1
                break
            is_good = result.returncode == 0 and 'the modes agree' in result.stdout
            agreed, failures = agreed + is_good, failures + (not is_good)
            print(f'{name} {variant}: {"agree" if is_good else "DO NOT AGREE"} ({took}): '
                  f'{near.group(1) if near else result.stderr.strip()[-300:]}', flush=True)
    print(f'{agreed} agree, {failures} do not, {absent} examples without data')
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
