"""What tests must not do: sleep, skip themselves, listen on a fixed port, or stay unbuilt."""

import re
from pathlib import PurePosixPath

from checks.tree import Finding, Source, Tree, scan

SLEEP = re.compile(
    r"\bsleep_(for|until)\b|\b(u|nano)?sleep\s*\(|\bwaitForTimeout\s*\(|\btimers/promises\b"
    r"|\bsetTimeout\s*\(\s*(\(\)\s*=>\s*)?(resolve|done|ok|r)\b"
)
SKIP = re.compile(
    r"\bGTEST_SKIP\b|\bDISABLED_\w+|\b(it|test|describe)\.(skip|only|todo|fixme)\b"
    r"|\b(xit|xdescribe|fit|fdescribe)\s*\(|@unittest\.skip|\bskipTest\s*\(|\b(skip|run)If\b"
)
FIXED_PORT = re.compile(
    r"\.listen\s*\(\s*[1-9]\d{1,4}\b|\bhtons\s*\(\s*[1-9]"
    r"|\bendpoint\s*[({][^;)}]*,\s*[1-9]\d{1,4}\s*[)}]"
)
FIXED_PORT_IN_TEXT = re.compile(r"(?:127\.0\.0\.1|localhost|0\.0\.0\.0):[1-9]\d{1,4}\b")


def check(tree: Tree) -> list[Finding]:
    findings: list[Finding] = []
    for source in tree.cpp + tree.typescript + tree.python:
        if source.is_under("tests", "tools/tests") or re.search(
            r"\.(test|spec)\.\w+$", source.path
        ):
            findings += check_test_file(source)
    return findings + orphans(tree)


def check_test_file(source: Source) -> list[Finding]:
    # Python is read as it is: no test of ours names these words in a string.
    code = source.text if source.suffix == ".py" else source.code
    findings = []
    for match in scan(SLEEP, code, "sleep", "waitFor", "timers/", "setTimeout"):
        findings.append(
            source.find("test-sleep", match.start(), "wait for the event, or drive time by hand")
        )
    hints = ("SKIP", "DISABLED", ".skip", "skip", ".only", ".todo", ".fixme", "runIf", "xit", "fit")
    for match in scan(SKIP, code, *hints, "describe"):
        findings.append(source.find("test-skip", match.start(), "a test runs, or is deleted"))
    for match in scan(FIXED_PORT, code, ".listen", "htons", "endpoint"):
        findings.append(
            source.find("test-port", match.start(), "listen on port 0 and ask which it became")
        )
    if source.is_under("tests/integration", "tests/browser"):
        for match in FIXED_PORT_IN_TEXT.finditer(source.text):
            findings.append(
                source.find("test-port", match.start(), "listen on port 0 and ask which it became")
            )
    return findings


def named_in(tree: Tree, path: str, function: str) -> set[str]:
    return set(re.findall(rf"^\s*{function}\(\s*([\w/]+)", tree.text(path), re.M))


def orphans(tree: Tree) -> list[Finding]:
    """Files that no build knows: code that is never compiled, tests that never run."""
    findings = []
    tests = named_in(tree, "tests/CMakeLists.txt", "vis_test")
    fuzzers = named_in(tree, "fuzz/CMakeLists.txt", "vis_fuzz")
    modules = named_in(tree, "src/CMakeLists.txt", "vis_module")
    modules |= named_in(tree, "src/CMakeLists.txt", "vis_program")
    for source in tree.cpp:
        path = PurePosixPath(source.path)
        folder = str(path.parent)
        if source.is_under("tests/unit") and path.suffix == ".cpp":
            if folder.removeprefix("tests/unit/") not in tests:
                findings.append(
                    orphan(
                        source, "tests/CMakeLists.txt", f"vis_test({folder[len('tests/unit/'):]})"
                    )
                )
        elif folder == "fuzz" and path.suffix == ".cpp":
            findings += check_fuzz_target(source, fuzzers, tree)
        elif source.is_under("src") and path.suffix == ".cpp":
            name = folder.removeprefix("src/")
            if name not in modules:
                findings.append(orphan(source, "src/CMakeLists.txt", f"vis_module({name})"))
    return findings


def orphan(source: Source, where: str, line: str) -> Finding:
    return Finding(source.path, 1, "orphan", f"{where} has no {line}")


def check_fuzz_target(source: Source, fuzzers: set[str], tree: Tree) -> list[Finding]:
    name = PurePosixPath(source.path).stem
    findings = []
    if name not in fuzzers:
        findings.append(orphan(source, "fuzz/CMakeLists.txt", f"vis_fuzz({name})"))
    if not any(path.startswith(f"fuzz/corpus/{name}/") for path in tree.paths):
        findings.append(Finding(source.path, 1, "orphan", f"fuzz/corpus/{name} holds no input"))
    return findings
