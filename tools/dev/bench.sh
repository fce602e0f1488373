#!/usr/bin/env bash
# bench.sh [NAME]: runs the benchmarks whose name holds NAME; called by ./dev bench.
# A benchmark is a program build/bench/bench/**/bench_NAME or a script bench/NAME/run.
set -euo pipefail
. tools/dev/lib.sh

name=${1:-}
mapfile -t found < <(
  find build/bench/bench -type f -executable -name "bench_*$name*" 2>/dev/null | sort
  find bench -path "bench/*$name*/run" -executable 2>/dev/null | sort
)
[ ${#found[@]} -gt 0 ] || fail "no benchmark holds \"$name\"."
for program in "${found[@]}"; do
  printf '\n== %s\n' "$program"
  "$program"
done
