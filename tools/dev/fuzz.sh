#!/usr/bin/env bash
# fuzz.sh [TARGET] [SECONDS]: runs one fuzz target or all of them; called by ./dev fuzz.
# New inputs are kept in build/fuzz/corpus, crashes in build/fuzz/crashes; a crash found here
# becomes a file in fuzz/corpus/TARGET and a unit test.
set -euo pipefail
. tools/dev/lib.sh

target=$1
seconds=$2
targets=$(sed -n 's/^vis_fuzz(\([a-z0-9_]*\).*/\1/p' fuzz/CMakeLists.txt)
if [ -n "$target" ]; then
  grep -qx "$target" <<<"$targets" || fail "no fuzz target \"$target\"; they are:" $targets
  targets=$target
fi

# shellcheck disable=SC2086
build_preset fuzz $(printf 'fuzz_%s ' $targets)
mkdir -p build/fuzz/crashes
bad=0
for name in $targets; do
  found=build/fuzz/corpus/$name
  mkdir -p "$found"
  printf 'Fuzzing %s for %s s ... ' "$name" "$seconds"
  if "build/fuzz/fuzz/fuzz_$name" -max_total_time="$seconds" -print_final_stats=1 -timeout=10 \
    -rss_limit_mb=2048 -artifact_prefix="build/fuzz/crashes/$name-" "$found" "fuzz/corpus/$name" \
    >"$log_dir/fuzz-$name.log" 2>&1 </dev/null; then
    sed -n 's/^stat::number_of_executed_units: */inputs: /p' "$log_dir/fuzz-$name.log"
  else
    bad=$((bad + 1))
    echo 'FAILED'
    tail -n 30 "$log_dir/fuzz-$name.log"
  fi
done
[ "$bad" = 0 ] || fail "$bad fuzz targets found a bug; the inputs are in build/fuzz/crashes."
