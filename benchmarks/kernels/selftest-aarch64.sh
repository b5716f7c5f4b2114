#!/bin/sh
# Cross-compiles the kernels and their self-test for aarch64 Linux and runs them under user-mode
# emulation. Without an aarch64 C library it only compiles the kernels; without an emulator it only
# links. Says what it skipped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root="$here/../.."
out="${TMPDIR:-/tmp}/mtlc-kernels-$(id -u)"
target=aarch64-linux-gnu
sysroot="${SYSROOT:-/usr/$target}"
mkdir -p "$out"

if [ ! -e "$sysroot/lib/libc.so.6" ]; then
  echo "SKIPPED linking and running: no aarch64 C library in $sysroot (package" \
    "libc6-dev-arm64-cross, or set SYSROOT)"
  for file in "$root"/Sources/CKernels/*/*.c; do
    ${CC:-clang} --target=$target -std=c11 -O2 -Wall -Wextra -Werror -ffreestanding \
      -I"$here/freestanding" -I"$root/Sources/CKernels/include" -c "$file" \
      -o "$out/aarch64-$(basename "$file" .c).o"
  done
  echo "compiled Sources/CKernels for $target"
  exit 0
fi
# shellcheck disable=SC2046  # a list of words
${CC:-clang} --target=$target -std=c11 -O2 -Wall -Wextra -Werror -fuse-ld=lld -static \
  -isystem "$sysroot/include" -I"$root/Sources/CKernels/include" \
  -I"$root/Tests/CKernelsSelfTest/include" "$root"/Sources/CKernels/*/*.c \
  "$root"/Tests/CKernelsSelfTest/*.c "$here/selftest.c" -L"$sysroot/lib" -lm -o "$out/aarch64"
echo "compiled and linked the self-test for $target"
for runner in qemu-aarch64 qemu-aarch64-static; do
  if command -v "$runner" >/dev/null; then
    exec "$runner" "$out/aarch64"
  fi
done
[ "$(uname -m)" = aarch64 ] && exec "$out/aarch64"
echo "SKIPPED running: no qemu-aarch64 (package qemu-user)"
