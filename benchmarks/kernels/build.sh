#!/bin/sh
# Builds the kernels with plain clang and runs the self-test or the benchmark.
#   benchmarks/kernels/build.sh [selftest|bench|cross|step|tiles] [arguments]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root="$here/../.."
out="${TMPDIR:-/tmp}/mtlc-kernels-$(id -u)"
what="${1:-selftest}"
[ $# -gt 0 ] && shift
mkdir -p "$out"
sources="$here/$what.c"
[ "$what" = selftest ] && sources="$sources $root/Tests/CKernelsSelfTest/*.c"
# shellcheck disable=SC2086  # lists of words
${CC:-clang} -std=c11 -O2 -Wall -Wextra ${CFLAGS:-} -I"$root/Sources/CKernels/include" \
  -I"$root/Tests/CKernelsSelfTest/include" "$root"/Sources/CKernels/*/*.c $sources -lm \
  -o "$out/$what"
exec ${RUNNER:-} "$out/$what" "$@"
