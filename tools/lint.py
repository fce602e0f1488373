#!/usr/bin/env python3
"""Holds the tree against what docs and style say and a machine can check.

Prints `file:line: rule: message` for each finding and ends with one summary line; the exit code
is 0 only when there is none. Layers and fences are in tools/layers.txt. An exception that must be
is one line of tools/allowed.txt, `rule path  # reason`; a line that is no longer needed is itself
a finding. Python's standard library only.
"""

import sys
import time
from pathlib import Path

from checks import cpp, layers, tests, text
from checks.tree import Finding, Tree

ALLOWED = "tools/allowed.txt"


def read_allowed(tree: Tree) -> dict[tuple[str, str], int]:
    """(rule, path) -> the line of allowed.txt that allows it."""
    allowed = {}
    for number, line in enumerate(tree.text(ALLOWED).splitlines(), 1):
        words = line.split("#")[0].split()
        if len(words) == 2:
            allowed[(words[0], words[1])] = number
    return allowed


def check_tree(tree: Tree) -> list[Finding]:
    found = [finding for kind in (layers, cpp, tests, text) for finding in kind.check(tree)]
    allowed = read_allowed(tree)
    used = {(finding.rule, finding.path) for finding in found}
    found = [finding for finding in found if (finding.rule, finding.path) not in allowed]
    for key, number in allowed.items():
        if key not in used:
            found.append(Finding(ALLOWED, number, "stale", f"{key[1]} no longer breaks {key[0]}"))
    return sorted(set(found))


def main(root: Path) -> int:
    started = time.monotonic()
    tree = Tree(root)
    findings = check_tree(tree)
    for finding in findings:
        print(finding)
    took = time.monotonic() - started
    print(f"lint: {len(tree.sources)} files, {len(findings)} findings ({took:.1f} s)")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
