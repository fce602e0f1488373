"""Words of every file: unfinished marks, paths of one machine, file names, decisions, history."""

import re
import subprocess
from pathlib import PurePosixPath

from checks.tree import TYPESCRIPT, Finding, Source, Tree

COMMENT_SUFFIXES = (".cpp", ".hpp", ".py", ".sh", ".cmake", ".txt") + TYPESCRIPT
UNFINISHED = re.compile(r"(?://|#|\*).*\b(FIX" r"ME|XX" r"X|HA" r"CK)\b")
TODO = re.compile(r"(?://|#|\*).*\bTODO\b(?!: .*\b(because|until|when|once)\b)")
# Split, so that this file does not hold what it looks for.
MACHINE = re.compile(
    r"(?<![\w.])/(?:"
    "work"
    r"|tmp/"
    "wt"
    r"|home/\w+|root)/"
    r"|(?:"
    r"registry\.npm"
    "js"
    r"|deb\.deb"
    r"ian\.org|proxy\.go"
    r"lang\.org|py"
    r"pi\.org)"
)
SNAKE_FILE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
ADR_SECTIONS = ("Status", "Context", "Decision", "Consequences")
SUBJECT = re.compile(r"[a-z0-9_/,. -]+: \S.*")
SUBJECT_COLUMNS = 72
COMMIT = "commit"  # where a finding about history stands


def check(tree: Tree) -> list[Finding]:
    findings: list[Finding] = []
    for source in tree.sources:
        findings += check_marks(source) + check_machine(source) + check_file_name(source)
    return findings + check_decisions(tree) + check_history(tree)


def check_marks(source: Source) -> list[Finding]:
    if source.suffix not in COMMENT_SUFFIXES:
        return []
    findings = []
    for match in UNFINISHED.finditer(source.text):
        findings.append(source.find("unfinished", match.start(), "finish it, or file an issue"))
    for match in TODO.finditer(source.text):
        findings.append(
            source.find(
                "unfinished", match.start(), "a TODO says its reason: `TODO: ... until ...`"
            )
        )
    return findings


def check_machine(source: Source) -> list[Finding]:
    return [
        source.find("machine", match.start(), f"{match.group()} is of one machine or mirror")
        for match in MACHINE.finditer(source.text)
    ]


def check_file_name(source: Source) -> list[Finding]:
    name = PurePosixPath(source.path).name
    if source.suffix not in (".cpp", ".hpp", ".py") or SNAKE_FILE.fullmatch(name):
        return []
    return [Finding(source.path, 1, "name", "a file is named in snake_case")]


def check_decisions(tree: Tree) -> list[Finding]:
    findings, numbers = [], {}
    for source in tree.sources:
        if source.is_under("docs/adr") and source.suffix == ".md":
            for section in ADR_SECTIONS:
                if not re.search(rf"^## {section}$", source.text, re.M):
                    findings.append(
                        Finding(source.path, 1, "adr", f"the section {section} is missing")
                    )
            number = PurePosixPath(source.path).name[:4]
            if not number.isdigit():
                findings.append(Finding(source.path, 1, "adr", "a decision is named NNNN-title.md"))
            elif number in numbers:
                findings.append(
                    Finding(source.path, 1, "adr", f"{numbers[number]} has the same number")
                )
            numbers[number] = source.path
    return findings


def new_subjects(tree: Tree) -> list[str]:
    """Subjects of the commits that the main line lacks; none where git cannot tell."""
    if not (tree.root / ".git").exists():
        return []
    for base in ("origin/main", "main"):
        done = subprocess.run(
            ["git", "log", "--no-merges", "--format=%s", f"{base}..HEAD"],
            cwd=tree.root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout.splitlines()
    return []


def check_subject(subject: str) -> list[Finding]:
    if not SUBJECT.fullmatch(subject):
        return [Finding(COMMIT, 0, "subject", f'"{subject}" is not `area: what`')]
    if len(subject) > SUBJECT_COLUMNS:
        return [Finding(COMMIT, 0, "subject", f'"{subject}" is longer than {SUBJECT_COLUMNS}')]
    return []


def check_history(tree: Tree) -> list[Finding]:
    return [finding for subject in new_subjects(tree) for finding in check_subject(subject)]
