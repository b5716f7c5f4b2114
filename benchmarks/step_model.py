#!/usr/bin/env python3
"""Computes how long a training step of ESMM takes on n machines, from what one machine was measured to
take, and prints the tables of docs/distributed.md.

    python3 benchmarks/step_model.py [--latency US] [--rate GBYTES] [--compute US] [--update NS]

--compute is the time of the micro-batches of a batch, by row, and --update that of the sparse update, by looked
up id: `mtlc bench benchmarks/esmm-sparse.json5 --set training.micro_batches=8 --batch 4096 --fresh --profile`
tells both. --latency and --rate are those of an exchange, as `mtlc bench --mpi` measures them. Every exchange
counts as n - 1 messages one after the other, so that the time is that of a network without any luck."""
import argparse

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('--compute', type=float, default=4.3, help='us a row (%(default)s)')
parser.add_argument('--update', type=float, default=23.0, help='ns an id (%(default)s)')
parser.add_argument('--latency', type=float, default=30.0, help='us a message (%(default)s)')
parser.add_argument('--rate', type=float, default=1.1, help='GB/s of a machine (%(default)s)')
options = parser.parse_args()

# ESMM of Ali-CCP's shape: 23 fields of 3 ids, each field's vectors of 12 summed; two towers of 256 and 64.
FIELDS, IDS, WIDTH = 23, 3, 12
WEIGHTS = 2 * (FIELDS * WIDTH * 256 + 256 + 256 * 64 + 64 + 64 + 1)
BATCH = 65_536


def message(n, sent):
    """An exchange in which a process sends so many bytes in all, in seconds."""
    return (n - 1) * options.latency * 1e-6 + sent / (options.rate * 1e9)


def step(n, sharded, distinct):
    """Seconds and bytes of a step, where `distinct` of the looked up ids of a share are different rows."""
    rows, others = BATCH / n, (n - 1) / n
    ids = rows * FIELDS * IDS
    seconds = rows * options.compute * 1e-6
    seconds += (ids if sharded else ids * n) * options.update * 1e-9
    dense = [others * 4 * WEIGHTS] * 2
    if sharded:
        # Ids and their counts to the owners, weights back, the gradient of a field to the owners of its ids.
        owners = n * (1 - (1 - 1 / n) ** IDS) * others
        rare = [16 * n, others * 4 * ids * distinct, others * 4 * WIDTH * ids * distinct,
                4 * WIDTH * rows * FIELDS * owners]
    else:
        rare = [4 * WIDTH * rows * FIELDS * (n - 1)]
    sent = dense + rare + [64.0 * (n - 1)]
    if n == 1:
        return seconds, 0.0
    return seconds + sum(message(n, bytes_) for bytes_ in sent), sum(sent)


def table(sharded, distinct):
    print('| machines | ms a step | rows a second | of n machines | MB that each sends |')
    print('| --- | --- | --- | --- | --- |')
    alone = step(1, sharded, distinct)[0]
    n = 1
    while n <= 64:
        seconds, sent = step(n, sharded, distinct)
        print(f'| {n} | {seconds * 1e3:.1f} | {BATCH / seconds / 1e3:,.0f}k'
              f' | {100 * alone / seconds / n:.0f} % | {sent / 1e6:.1f} |')
        n *= 2


print('A table of 737,946 rows, whole at each machine:\n')
table(False, 0.8)
print('\nThe same table, sharded:\n')
table(True, 0.8)
print('\nA table of 1,000,000,000 rows, sharded, where hardly an id of a batch comes twice:\n')
table(True, 1.0)
print('\nMemory of that table with row-wise Adagrad: '
      f'{1e9 * (WIDTH + 1) * 4 / 1e9:.0f} GB on one machine, '
      f'{1e9 * (WIDTH + 1) * 4 / 64e9:.1f} GB on each of 64.')
