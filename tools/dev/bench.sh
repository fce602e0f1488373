#!/usr/bin/env bash
# bench.sh [NAME [ARGUMENT...]]: runs the benchmarks whose path holds NAME; called by ./dev bench.
# A benchmark is a program build/bench/bench/micro/bench_NAME or a script bench/NAME/run.
set -euo pipefail
. tools/dev/lib.sh

name=${1:-}
[ $# = 0 ] || shift
mapfile -t found < <(
  (cd build/bench/bench && find micro -type f -executable -name 'bench_*' -path "*$name*") |
    sed 's,^,build/bench/bench/,' | sort
  find bench -path "bench/*$name*/run" -executable | sort
)
[ ${#found[@]} -gt 0 ] || fail "no benchmark holds \"$name\"."
for program in "${found[@]}"; do
  printf '\n== %s\n' "$program"
  "$program" "$@"
done
