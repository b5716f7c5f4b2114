#!/usr/bin/env python3
"""Puts the faults of faults.txt into a copy of the tree, one build for all of them, and runs the test
suite once for each fault. Prints which tests noticed it, and the score.

    python3 benchmarks/mutation/mutate.py build              the copy, built with every fault in it
    python3 benchmarks/mutation/mutate.py run                every fault, cheapest test target first
    python3 benchmarks/mutation/mutate.py run --only 3,7-9   some of them
    python3 benchmarks/mutation/mutate.py run --unnoticed    those that the last run did not notice
    python3 benchmarks/mutation/mutate.py list               the faults with their numbers
    python3 benchmarks/mutation/mutate.py draw SEED COUNT    random places in the sources, to make
                                                             faults of

A fault is chosen by the environment variable MTLC_MUTANT while a program runs; without it the copy
behaves as the tree does. The copy lies in .build-mutants (or where MTLC_MUTANTS says), with the
results beside it. With --debug, for `build` and `run`, it is built in debug; MTLC_TESTS leaves test
targets out as it does for `swift test`.

faults.txt: `@` names a file that holds for the lines that follow. `-` is the text that is replaced,
`+` what replaces it; an expression becomes `mutant(n) ? fault : text`. A `$M` in the replacement
stands for the condition `mutant(n)`, where the two are no expressions. A statement with an empty
replacement is left out. `:` above a fault are lines that hold the place, where `-` alone occurs more
than once.
"""
import argparse, json, os, random, re, shutil, subprocess, sys, threading, time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FAULTS = os.path.join(HERE, 'faults.txt')
BUILD = os.environ.get('MTLC_MUTANTS', os.path.join(ROOT, '.build-mutants'))
TREE = os.path.join(BUILD, 'tree')
RESULTS = os.path.join(BUILD, 'results.json')

# The test targets in the order in which they are tried, by the target that the fault is in: its own
# first, then those of the targets above it.
OWN = {
    'TensorTypes': ['GraphIRTests', 'PlanTests'],
    'Schema': ['SchemaTests', 'PlanTests', 'DataTests', 'ModelDefsTests'],
    'GraphIR': ['GraphIRTests', 'PassesTests'],
    'Plan': ['PlanTests', 'PassesTests'],
    'Passes': ['PassesTests', 'DifferentialTests'],
    'CKernels': ['CKernelsTests', 'DataTests', 'RuntimeTests'],
    'Runtime': ['RuntimeTests', 'DifferentialTests'],
    'Data': ['DataTests'],
    'ModelDefs': ['ModelDefsTests'],
    'Export': ['ExportTests', 'mtlcTests'],
    'Experiments': ['ExperimentsTests', 'ExportTests', 'mtlcTests'],
    'CInterface': ['CInterfaceTests'],
    'Report': ['ReportTests', 'mtlcTests'],
    'Transport': ['TransportTests', 'RuntimeTests'],
    'mtlc': ['mtlcTests'],
}
REST = [
    'SchemaTests', 'PlanTests', 'GraphIRTests', 'PassesTests', 'ModelDefsTests', 'ExperimentsTests',
    'DataTests', 'RuntimeTests', 'ReportTests', 'ExportTests', 'CInterfaceTests', 'mtlcTests',
    'DifferentialTests',
]

SWIFT_HELPER = '''#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let selected = getenv("MTLC_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0

@usableFromInline @inline(never)
func mutant(_ number: Int) -> Bool { selected == number }
'''
C_HELPER = '''#ifndef MUTANT_H
#define MUTANT_H
#include <stdlib.h>
static inline int mutant(int number) {
  static int selected = -1;
  if (selected < 0) {
    const char *text = getenv("MTLC_MUTANT");
    selected = text ? atoi(text) : 0;
  }
  return selected == number;
}
#endif
'''


def read_faults():
    faults, path, context, old = [], None, None, None
    for number, line in enumerate(open(FAULTS, encoding='utf-8'), 1):
        line = line.rstrip('\n')
        kind, text = line[:1], line[2:]
        if kind == '@':
            path = text
        elif kind == ':':
            context = text if context is None else f'{context}\n{text}'
        elif kind == '-':
            old = text
        elif kind == '+':
            if old is None or path is None:
                sys.exit(f'{FAULTS}:{number}: a replacement without a file or a text')
            faults.append(dict(
                number=len(faults) + 1, path=path, context=context, old=old, new=text))
            context = old = None
        elif line and kind != '#':
            sys.exit(f'{FAULTS}:{number}: starts with none of @ : - + #')
    return faults


def replacement(fault):
    condition, old, new = f'mutant({fault["number"]})', fault['old'], fault['new']
    if '$M' in new:
        return new.replace('$M', condition)
    if new:
        return f'({condition} ? ({new}) : ({old}))'
    return f'if (!{condition}) {{ {old} }}'


def place(fault, text):
    """Where the text of a fault starts in a file, or what is wrong with it."""
    context = fault['context'] or fault['old']
    if text.count(context) != 1:
        return None, f'{text.count(context)} times in the file: {context}'
    if context.count(fault['old']) != 1:
        return None, f'{context.count(fault["old"])} times in its context: {fault["old"]}'
    return text.index(context) + context.index(fault['old']), None


def target(fault):
    return fault['path'].split('/')[1]


def write(path, text):
    """Leaves files alone that hold the text already, so that they are not compiled again."""
    if os.path.exists(path) and open(path, encoding='utf-8', errors='surrogateescape').read() == text:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, 'w', encoding='utf-8', errors='surrogateescape').write(text)


def copy_tree(faults):
    listed = subprocess.check_output(
        ['git', '-C', ROOT, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
        text=True).split('\0')
    wanted = {name for name in listed if name and os.path.isfile(os.path.join(ROOT, name))}
    stale, texts = [], {}
    for path in {fault['path'] for fault in faults}:
        full = os.path.join(ROOT, path)
        texts[path] = open(full, encoding='utf-8').read() if os.path.isfile(full) else ''
    cuts = {}
    for fault in faults:
        start, problem = place(fault, texts[fault['path']])
        if problem:
            stale.append(fault['number'])
            print(f'fault {fault["number"]} of {fault["path"]} has no place: {problem}')
        else:
            cuts.setdefault(fault['path'], []).append((start, fault))
    for path, places in cuts.items():
        text = texts[path]
        for start, fault in sorted(places, key=lambda cut: -cut[0]):
            end = start + len(fault['old'])
            text = text[:start] + replacement(fault) + text[end:]
        if not path.endswith('.swift'):
            helper = os.path.relpath('Sources/CKernels/support/mutant.h', os.path.dirname(path))
            text = f'#include "{helper}"\n' + text
        write(os.path.join(TREE, path), text)
    for name in wanted - set(cuts):
        source, copy = os.path.join(ROOT, name), os.path.join(TREE, name)
        data = open(source, 'rb').read()
        if not os.path.exists(copy) or open(copy, 'rb').read() != data:
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copy(source, copy)
    for name in os.listdir(os.path.join(ROOT, 'Sources')):
        if name == 'CKernels':
            write(os.path.join(TREE, 'Sources/CKernels/support/mutant.h'), C_HELPER)
        elif any(target(fault) == name for fault in faults):
            write(os.path.join(TREE, 'Sources', name, 'Mutant.swift'), SWIFT_HELPER)
    for folder, _, names in os.walk(TREE):
        if '/.build' in folder or '/.git' in folder:
            continue
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), TREE)
            if path not in wanted and name not in ('Mutant.swift', 'mutant.h', 'Package.resolved'):
                os.remove(os.path.join(TREE, path))
    return stale


def build(options):
    faults = read_faults()
    stale = copy_tree(faults)
    print(f'{len(faults)} faults, {len(stale)} without a place')
    if options.no_compile:
        return
    command = ['swift', 'build', '--build-tests'] if options.debug else [
        'swift', 'test', '-c', 'release', '--disable-testable-imports', '--filter', '^none$']
    subprocess.run(
        command + ['--package-path', TREE, '--scratch-path', os.path.join(BUILD, 'build')],
        check=True)


def show(options):
    for fault in read_faults():
        print(f'{fault["number"]:4}  {fault["path"]}  {fault["old"]} → {fault["new"] or "nothing"}')


def run_target(name, number, environment, options):
    """What a test target says with a fault: None if it passes."""
    bundle = os.path.join(
        BUILD, 'build', 'debug' if options.debug else 'release', 'mtlcPackageTests.xctest')
    tests = options.tests or f'^{name}\\.'
    command = [bundle, '--testing-library', 'swift-testing', '--filter', tests]
    if options.skip:
        command += ['--skip', options.skip]
    running = subprocess.Popen(
        command, cwd=TREE, env=environment | {'MTLC_MUTANT': str(number)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', errors='replace')
    clock = threading.Timer(options.limit, running.kill)
    clock.start()
    try:
        # The first issue is enough.
        for line in running.stdout:
            if found := re.search(r'Test (.+?) recorded an issue', line):
                running.kill()
                return found.group(1)
        code = running.wait()
    finally:
        late = not clock.is_alive()
        clock.cancel()
    if code == 0:
        return None
    return f'no end within {options.limit} s' if late else f'ends with {code}'


def chosen(options, faults, results):
    if options.only:
        numbers = set()
        for part in options.only.split(','):
            first, _, last = part.partition('-')
            numbers |= set(range(int(first), int(last or first) + 1))
        return [fault for fault in faults if fault['number'] in numbers]
    if options.unnoticed:
        return [fault for fault in faults if results.get(key(fault), {}).get('by') is None]
    return faults


def key(fault):
    return ' | '.join([fault['path'], fault['context'] or '', fault['old'], fault['new']])


def run(options):
    faults = read_faults()
    results = json.load(open(RESULTS)) if os.path.exists(RESULTS) else {}
    environment = {name: value for name, value in os.environ.items() if name != 'MTLC_MUTANT'}
    built = [name for name in os.environ.get('MTLC_TESTS', '').split(',') if name]
    lock = threading.Lock()

    def one(fault):
        full = os.path.join(ROOT, fault['path'])
        text = open(full, encoding='utf-8').read() if os.path.isfile(full) else ''
        found, result = None, {'by': None, 'stale': True}
        if place(fault, text)[1] is None:
            names = options.targets.split(',') if options.targets else OWN[target(fault)]
            if options.tests:
                names = ['tests']
            elif not options.targets and not options.own:
                names = names + [name for name in REST if name not in names]
            start = time.time()
            for name in [name for name in names if not built or options.tests or name in built]:
                if what := run_target(name, fault['number'], environment, options):
                    found = f'{name}: {what}'
                    break
            result = {'by': found, 'seconds': round(time.time() - start, 1)}
        with lock:
            if found or not options.targets and not options.tests:
                results[key(fault)] = result
                json.dump(results, open(RESULTS, 'w'), indent=1)
            state = 'no place ' if result.get('stale') else 'noticed  ' if found else 'UNNOTICED'
            print(f'{fault["number"]:4}  {state}  {fault["path"]}  '
                  f'{fault["old"]} → {fault["new"] or "nothing"}  {found or ""}', flush=True)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(one, chosen(options, faults, results)))
    report(faults, results)


def report(faults, results):
    by_target = {}
    for fault in faults:
        result = results.get(key(fault))
        count = by_target.setdefault(target(fault), [0, 0, 0, 0])
        count[0] += 1
        if result is None:
            count[3] += 1
        elif result.get('stale'):
            count[2] += 1
        elif result['by']:
            count[1] += 1
    print(f'\n{"target":14}{"faults":>8}{"noticed":>9}{"no place":>10}{"not run":>9}')
    total = [sum(count[k] for count in by_target.values()) for k in range(4)]
    for name, (all_, noticed, stale, waiting) in sorted(by_target.items()) + [('all', total)]:
        print(f'{name:14}{all_:8}{noticed:9}{stale:10}{waiting:9}')
    counted = total[0] - total[2] - total[3]
    if counted:
        print(f'score: {total[1]} of {counted} noticed, {100 * total[1] / counted:.1f} %')


def draw(options):
    """Random lines with something to get wrong, over the targets by their size."""
    code = re.compile(
        r' (?:[<>=!]=|[<>]|&&|\|\||[-+*/%]|&[-+*]|\?|\?\?) |\b(?:if|guard|while|where|min|max|true'
        r'|false|first|last)\b| = \d|\.\.<|!\w')
    names = subprocess.check_output(['git', '-C', ROOT, 'ls-files', 'Sources'], text=True).split('\n')
    lines = {}
    for name in names:
        if re.search(r'\.(swift|c|h)$', name):
            lines.setdefault(name.split('/')[1], {})[name] = open(
                os.path.join(ROOT, name), encoding='utf-8').read().split('\n')
    size = {t: sum(len(text) for text in files.values()) for t, files in lines.items()}
    generator = random.Random(options.seed)
    skipped = ('//', 'import', '#', '/*', '*', 'package func', 'public func', 'func', '}', '@',
               'private func', 'static func')
    for t in sorted(lines):
        places = [
            (name, k) for name, text in lines[t].items() for k, line in enumerate(text)
            if line.strip() and not line.strip().startswith(skipped)
            and code.search(re.sub(r'"[^"\\]*"', '""', line.strip().split(' //')[0]))]
        count = max(1, round(options.count * size[t] / sum(size.values())))
        for name, k in sorted(generator.sample(places, min(count, len(places)))):
            print(f'{name}:{k + 1}')
            for j in range(max(0, k - 2), min(len(lines[t][name]), k + 3)):
                print('  ' + ('> ' if j == k else '  ') + lines[t][name][j])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser('build')
    command.add_argument('--no-compile', action='store_true', help='write the copy only')
    command.add_argument('--debug', action='store_true')
    command.set_defaults(run=build)
    command = commands.add_parser('run')
    command.add_argument('--only', help='numbers of faults, such as 3,7-9')
    command.add_argument('--unnoticed', action='store_true', help='those not noticed before')
    command.add_argument('--debug', action='store_true')
    command.add_argument('--jobs', type=int, default=1, help='how many at a time')
    command.add_argument('--own', action='store_true', help='only the test targets of its target')
    command.add_argument(
        '--skip', default='theReadmeNamesEveryFile',
        help='a pattern of tests to leave out (default: the one that sees the header of this script)')
    command.add_argument('--targets', help='these test targets instead')
    command.add_argument(
        '--tests', help='a pattern of tests instead of targets; only what they notice is kept')
    command.add_argument(
        '--limit', type=int, default=300,
        help='seconds for a target; a fault that makes it hang is noticed by that (default 300)')
    command.set_defaults(run=run)
    command = commands.add_parser('list')
    command.set_defaults(run=show)
    command = commands.add_parser('draw')
    command.add_argument('seed', type=int)
    command.add_argument('count', type=int)
    command.set_defaults(run=draw)
    options = parser.parse_args()
    options.run(options)


if __name__ == '__main__':
    main()
