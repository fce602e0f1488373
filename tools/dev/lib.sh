# Shared by the verbs of ./dev: progress lines, clear failures, Debian packages, Node.js, builds.
# shellcheck shell=bash

log_dir=build/log
apt_updated=no

fail() {
  printf '\ndev: %s\n' "$*" >&2
  exit 1
}

# step WHAT LOG COMMAND...: one progress line with the time taken; the output goes to build/log.
step() {
  local what=$1 log=$log_dir/$2.log started=$SECONDS status=0 ticker=
  shift 2
  mkdir -p "$log_dir"
  printf '%s ... ' "$what"
  if [ -t 1 ]; then
    show_progress "$what" "$log" &
    ticker=$!
  fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ -n "$ticker" ]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    printf '\r\033[K%s ... ' "$what"
  fi
  if [ "$status" = 0 ]; then
    printf '%d s\n' $((SECONDS - started))
    return
  fi
  printf 'failed after %d s\n\n' $((SECONDS - started))
  tail -n 40 "$log"
  printf '\nThe whole output: %s\n' "$log"
  fail "\"$what\" failed.$(likely_cause "$log")"
}

# On a terminal: the last [12/345] of a build log, renewed every second until killed.
show_progress() {
  local started=$SECONDS at
  while sleep 1; do
    at=$(grep -o '^\[[0-9]*/[0-9]*\]' "$2" 2>/dev/null | tail -n 1 || true)
    printf '\r\033[K%s ... %d s %s' "$1" $((SECONDS - started)) "$at"
  done
}

likely_cause() {
  if grep -qi 'no space left on device' "$1"; then
    printf ' The disk is full: a build needs about 3 GB here (%s).' "$PWD"
  elif grep -qiE 'temporary failure resolving|could not resolve|network is unreachable|unable to connect|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT' "$1"; then
    printf ' The network or a package mirror cannot be reached.'
  elif grep -qiE 'fatal error: killed|Killed|out of memory|cannot allocate memory' "$1"; then
    printf ' Memory ran out: try JOBS=1 ./dev ...'
  elif grep -qi 'could not get lock' "$1"; then
    printf ' Another program is installing packages; try again when it is done.'
  fi
}

# ---- Debian packages ----

packages_of() {
  for purpose in "$@"; do
    awk -v purpose="[$purpose]" \
      '/^\[/ { on = ($0 == purpose); next } on && NF && $1 !~ /^#/ { print $1 }' tools/packages.txt
  done | sort -u
}

# need PURPOSE...: installs what tools/packages.txt lists and the machine lacks.
need() {
  local wanted missing
  wanted=$(packages_of "$@")
  missing=$(missing_packages "$wanted")
  [ -z "$missing" ] || install_packages "$missing"
}

missing_packages() {
  command -v dpkg-query >/dev/null || fail "this is not Debian: ./dev needs Debian 12 (bookworm)."
  # dpkg-query fails when it has never heard of one of them, and still prints the others.
  # shellcheck disable=SC2086
  { dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' $1 2>/dev/null || true; } |
    sed -n 's/^ii *//p' | sort -u |
    comm -13 - <(printf '%s\n' $1) | tr '\n' ' '
}

install_packages() {
  local release free_kb count
  count=$(wc -w <<<"$1")
  release=$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}")
  [ "$release" = 'debian 12' ] ||
    fail "Visavis builds on Debian 12 (bookworm); this is $release. Not installed: $1"
  become_root "apt-get install --no-install-recommends $1"
  free_kb=$(df -Pk /var/cache/apt | awk 'NR == 2 { print $4 }')
  [ "$free_kb" -gt 3000000 ] || fail "less than 3 GB are free on the disk of /var; packages: $1"
  if [ "$apt_updated" = no ]; then
    # A mirror that fails here may not be one we need: installing decides.
    step 'Reading the lists of Debian packages' apt-update run_apt update
    apt_updated=yes
  fi
  # shellcheck disable=SC2086
  step "Installing $count Debian packages" apt-install run_apt install $1
}

become_root() {
  as_root=
  [ "$(id -u)" != 0 ] || return 0
  command -v sudo >/dev/null || fail "packages are missing and neither root nor sudo is at hand. As root: $1"
  sudo -v || fail "packages are missing and sudo refused. As root: $1"
  as_root=sudo
}

run_apt() {
  local try verb=$1
  shift
  for try in 1 2 3; do
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Acquire::Retries=3 \
      -o DPkg::Lock::Timeout=300 --no-install-recommends "$verb" "$@" && return 0
    [ "$try" = 3 ] || sleep $((try * 5))
  done
  [ "$verb" = update ]
}

# ---- Node.js ----

node_is_good() {
  local major
  major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')
  [ "${major:-0}" -ge 18 ] && command -v npm >/dev/null
}

need_node() {
  node_is_good && return
  need node
  hash -r
  node_is_good || fail "Node.js 18 or later is needed; $(command -v node) is $(node --version)."
}

# need_npm FOLDER: npm ci, where the lock file or Node.js changed since the last time.
need_npm() {
  local name=${1//\//-} key
  need_node
  key=$(node --version; sha256sum "$1/package-lock.json")
  if [ ! -d "$1/node_modules" ] || [ "$key" != "$(cat "build/stamp/npm-$name" 2>/dev/null)" ]; then
    step "Installing the npm packages of $1" "npm-$name" \
      npm --prefix "$1" ci --no-audit --no-fund --fetch-retries=4
    mkdir -p build/stamp
    printf '%s' "$key" >"build/stamp/npm-$name"
  fi
}

# ---- Builds ----

# A compiler of templates takes up to 2 GB: as many at once as the memory allows.
jobs() {
  local by_memory cores
  by_memory=$(awk '/^MemTotal/ { print int($2 / 2000000) }' /proc/meminfo)
  cores=$(nproc)
  echo "${JOBS:-$((by_memory < 1 ? 1 : by_memory < cores ? by_memory : cores))}"
}

configure() {
  if [ ! -f "build/$1/build.ninja" ] || [ CMakePresets.json -nt "build/$1/build.ninja" ]; then
    step "Configuring $1" "configure-$1" cmake --preset "$1"
    touch "build/$1/build.ninja"
  fi
}

# build_preset PRESET [TARGET...]
build_preset() {
  local preset=$1 targets=()
  shift
  [ $# = 0 ] || targets=(--target "$@")
  configure "$preset"
  step "Building $preset" "build-$preset" \
    cmake --build "build/$preset" --parallel "$(jobs)" "${targets[@]}"
}

# The pages, built again only when a file under web/ is newer than the last build.
build_web() {
  [ -f web/package.json ] || return 0
  need_npm web
  if [ -f build/stamp/web ] && [ -z "$(newer_web_file)" ]; then return; fi
  step 'Building the web pages' build-web npm --prefix web run build
  touch build/stamp/web
}

newer_web_file() {
  find web \( -name node_modules -o -name dist -o -name '*.tsbuildinfo' \) -prune -o \
    -newer build/stamp/web -print -quit
}
