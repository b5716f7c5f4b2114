#!/bin/sh
# Builds the kernels with plain clang and runs the self-test and the benchmark.
#   benchmarks/kernels/build.sh [selftest|bench] [arguments]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernels="$here/../../Sources/CKernels"
out="${TMPDIR:-/tmp}/mtlc-kernels-$(id -u)"
what="${1:-selftest}"
[ $# -gt 0 ] && shift
mkdir -p "$out"
# shellcheck disable=SC2086  # CFLAGS is a list
${CC:-clang} -std=c11 -O2 -Wall -Wextra ${CFLAGS:-} -I"$kernels/include" \
  "$kernels"/*.c "$here/$what"*.c -lm -o "$out/$what"
exec "$out/$what" "$@"
