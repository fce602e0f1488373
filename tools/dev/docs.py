#!/usr/bin/env python3
"""Checks that every relative link of every Markdown file leads somewhere, and lists the ADRs."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.M | re.S)


def anchor_of(heading: str) -> str:
    """The fragment that the usual Markdown renderers give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = FENCED.sub("", page.read_text())
    return {anchor_of(heading) for heading in re.findall(r"^#+ +(.+)$", text, re.M)}


def broken_links(page: Path) -> list[str]:
    broken = []
    for target in LINK.findall(FENCED.sub("", page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        leads_to = (page.parent / path).resolve() if path else page
        if not leads_to.exists():
            broken.append(f"{target}: no such file")
        elif fragment and leads_to.suffix == ".md" and fragment not in anchors(leads_to):
            broken.append(f"{target}: no such heading")
    return broken


def main(root: Path) -> int:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    pages = [root / name for name in listing if (root / name).exists()]
    problems = [
        f"{page.relative_to(root)}: {text}" for page in pages for text in broken_links(page)
    ]
    print("\n".join(problems + ["Decisions:"]))
    for adr in sorted((root / "docs" / "adr").glob("*.md")):
        title = adr.read_text().splitlines()[0].lstrip("# ")
        print(f"  {adr.relative_to(root)}  {title}")
    print(f"{len(pages)} pages, {len(problems)} broken links")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(ROOT))
