#!/usr/bin/env python3
"""clang-format and clang-tidy over the tree.

    clang.py format [--write]   every C++ file, checked or changed in place
    clang.py tidy               every file of src/ that changed since it last passed

Tidy is remembered in build/lint-cache under a hash of the file, of every header of ours that it
includes, of its compile command and of the checks, so that a second run takes seconds.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "dev"
PASSED = ROOT / "build" / "lint-cache"
WORKERS = os.cpu_count() or 1
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.M)


def cpp_files() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.cpp", "*.hpp"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted(name for name in listing.split("\0") if name and (ROOT / name).exists())


def run_format(write: bool) -> int:
    files = cpp_files()
    mode = ["-i"] if write else ["--dry-run", "-Werror"]
    chunks = [files[start::WORKERS] for start in range(min(WORKERS, len(files)))]

    def run(chunk: list[str]) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["clang-format-19", *mode, *chunk],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(run, chunks))
    sys.stdout.write("".join(result.stderr for result in results))
    bad = any(result.returncode for result in results)
    print(f"clang-format: {len(files)} files" + (", run ./dev fmt" if bad else ""))
    return 1 if bad else 0


@cache
def content(path: Path) -> bytes:
    return path.read_bytes()


@cache
def ours_included(path: Path, folders: tuple[Path, ...]) -> frozenset[Path]:
    """Every header in our folders or beside `path` that it names in quotes."""
    found = set()
    for name in INCLUDE.findall(content(path)):
        for folder in (path.parent, *folders):
            candidate = folder / name.decode()
            if candidate.is_file():
                found.add(candidate.resolve())
                break
    return frozenset(found)


def closure(path: Path, folders: tuple[Path, ...]) -> list[Path]:
    seen, waiting = set(), [path]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            waiting.extend(ours_included(at, folders))
    return sorted(seen)


def key_of(entry: dict, settings: bytes) -> str:
    searched = map(Path, re.findall(r"-(?:I|isystem )(\S+)", entry["command"]))
    folders = tuple(folder for folder in searched if folder.is_relative_to(ROOT))
    digest = hashlib.sha256(settings + entry["command"].replace(str(ROOT), "").encode())
    for path in closure(Path(entry["file"]), folders):
        digest.update(content(path))
    return digest.hexdigest()


def build_what_tidy_reads() -> None:
    """Generated and precompiled headers; the compiler itself is not needed for more."""
    targets = subprocess.run(
        ["ninja", "-C", str(BUILD), "-t", "targets", "all"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    wanted = re.findall(r"^(src/\S*\.(?:pch|pb\.h)):", targets, re.M)
    if wanted:
        done = subprocess.run(
            ["ninja", "-C", str(BUILD), *wanted], capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(done.stdout[-4000:])


def tidy_one(entry: dict) -> str:
    """Empty when the file is clean."""
    done = subprocess.run(
        ["clang-tidy-19", "--quiet", "-p", str(BUILD), entry["file"]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    return (done.stdout or done.stderr).replace(f"{ROOT}/", "")


def run_tidy() -> int:
    started = time.monotonic()
    build_what_tidy_reads()
    PASSED.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy-19", "--version"], check=True, capture_output=True)
    settings = version.stdout + (ROOT / ".clang-tidy").read_bytes()
    entries = [
        entry
        for entry in json.loads((BUILD / "compile_commands.json").read_text())
        if Path(entry["file"]).is_relative_to(ROOT / "src")
    ]
    keys = {entry["file"]: key_of(entry, settings) for entry in entries}
    changed = [entry for entry in entries if not (PASSED / keys[entry["file"]]).exists()]
    bad = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        for entry, output in zip(changed, pool.map(tidy_one, changed)):
            if output:
                bad += 1
                print(output)
            else:
                (PASSED / keys[entry["file"]]).touch()
    took = time.monotonic() - started
    print(f"clang-tidy: {len(entries)} files, {len(changed)} looked at, {bad} bad ({took:.0f} s)")
    return 1 if bad else 0


if __name__ == "__main__":
    verb = sys.argv[1:2]
    if verb == ["format"]:
        sys.exit(run_format("--write" in sys.argv))
    if verb == ["tidy"]:
        sys.exit(run_tidy())
    sys.exit(__doc__)
