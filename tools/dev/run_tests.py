#!/usr/bin/env python3
"""Runs the test suites and adds up what their machine-readable reports say.

    run_tests.py [PART]          the suites whose name holds PART, all without it
    run_tests.py --list [PART]   their names only, one a line

A suite that crashes, times out, cannot start or runs no test at all has failed. The last line is
always `N passed, N failed`, and the exit code is 0 only when nothing failed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "dev"
REPORTS = ROOT / "build" / "test-reports"
LOGS = ROOT / "build" / "log"
PROGRAM_TIMEOUT_S = 600
SUITE_TIMEOUT_S = 1800
JS_SUITES = {"web": "web", "integration": "tests/integration", "browser": "tests/browser"}


@dataclass
class Tally:
    """What one suite reported. `problems` are lines that say which test failed, and why."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.problems += other.problems

    def blame(self, problem: str) -> "Tally":
        """Counts a failure that no single test stands for."""
        self.failed += 1
        self.problems.append(problem)
        return self

    def text(self) -> str:
        words = f"{self.passed} passed, {self.failed} failed"
        return words + (f", {self.skipped} skipped" if self.skipped else "")


def gtest_tally(name: str, report: Path, exit_ok: bool) -> Tally:
    """Reads a GoogleTest JSON report; without one the program crashed or could not start."""
    tally = Tally()
    try:
        suites = json.loads(report.read_text())["testsuites"]
    except (OSError, ValueError, KeyError):
        return tally.blame(f"{name}: ended without a report (crash, time-out or not built)")
    for test in (test for suite in suites for test in suite["testsuite"]):
        title = f"{test.get('classname', '')}.{test['name']}"
        if test.get("failures"):
            tally.failed += 1
            tally.problems.append(f"{name}: {title}\n{test['failures'][0]['failure']}")
        elif test.get("result") == "COMPLETED":
            tally.passed += 1
        else:
            tally.skipped += 1
    if tally.passed + tally.failed == 0:
        tally.blame(f"{name}: ran no test")
    elif not exit_ok and tally.failed == 0:
        tally.blame(f"{name}: every test passed, but the program ended with an error")
    return tally


def ctest_tally(junit: Path, gtest_reports: Path) -> Tally:
    """One row of CTest's report per program; GoogleTest programs bring their own counts."""
    try:
        rows = list(xml.etree.ElementTree.parse(junit).iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError):
        return Tally().blame("unit: ctest left no report")
    total = Tally()
    for row in rows:
        name, exit_ok = row.get("name", ""), row.get("status") == "run"
        report = gtest_reports / f"test_{name.replace('/', '_')}.json"
        is_gtest = report.exists() or not exit_ok
        total.add(gtest_tally(f"unit/{name}", report, exit_ok) if is_gtest else Tally(passed=1))
    return total if rows else total.blame("unit: ctest knows no test")


def without_library_frames(message: str) -> str:
    """A JavaScript failure without the stack frames that lie outside our own files."""
    lines = message.splitlines()
    return "\n".join(
        line for line in lines if not re.search(r"^\s+at .*(node_modules|node:|<anonymous>)", line)
    )


def vitest_tally(name: str, report: Path, exit_ok: bool) -> Tally:
    """Reads a Vitest JSON report; a file that could not be loaded counts as one failure."""
    tally = Tally()
    try:
        files = json.loads(report.read_text())["testResults"]
    except (OSError, ValueError, KeyError):
        return tally.blame(f"{name}: ended without a report (crash, time-out or a missing package)")
    for file in files:
        results = file["assertionResults"]
        failed = [test for test in results if test["status"] == "failed"]
        tally.passed += sum(test["status"] == "passed" for test in results)
        tally.skipped += sum(test["status"] not in ("passed", "failed") for test in results)
        tally.failed += len(failed)
        for test in failed:
            message = without_library_frames((test.get("failureMessages") or [""])[0])
            tally.problems.append(f"{name}: {test['fullName']}\n{message[:1500]}")
        if file["status"] == "failed" and not failed:
            tally.blame(f"{name}: {file['name']}: {file.get('message', '')[:1500]}")
    if tally.passed + tally.failed == 0:
        tally.blame(f"{name}: ran no test")
    elif not exit_ok and tally.failed == 0:
        tally.blame(f"{name}: every test passed, but the run ended with an error")
    return tally


def unittest_tally(result: unittest.TestResult) -> Tally:
    """A test with several failed sub-tests is one test that did not pass."""
    bad = result.failures + result.errors
    not_passed = {getattr(test, "test_case", test).id() for test, _ in bad + result.skipped}
    tally = Tally(
        passed=result.testsRun - len(not_passed),
        failed=len(bad),
        skipped=len(result.skipped),
        problems=[f"tools: {test}\n{trace}" for test, trace in bad],
    )
    return tally if result.testsRun else tally.blame("tools: ran no test")


def run_logged(command: list[str], folder: Path, log: str, env: dict[str, str]) -> bool:
    """Runs a command with its output in build/log; False when it failed or took too long."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / f"{log}.log").open("wb") as out:
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=os.environ | env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=SUITE_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            out.write(f"\n{error}\n".encode())
            return False
    return done.returncode == 0


def run_unit(parts: list[str], everything: bool) -> Tally:
    gtest_reports = REPORTS / "gtest"
    junit = REPORTS / "ctest.xml"
    command = [
        "ctest",
        "--test-dir",
        str(BUILD),
        "--output-on-failure",
        "--timeout",
        str(PROGRAM_TIMEOUT_S),
        "--parallel",
        str(os.cpu_count() or 1),
        "--output-junit",
        str(junit),
    ]
    if not everything:
        command += [
            "-R",
            "^(" + "|".join(re.escape(part.removeprefix("unit/")) for part in parts) + ")$",
        ]
    run_logged(command, ROOT, "test-unit", {"GTEST_OUTPUT": f"json:{gtest_reports}/"})
    return ctest_tally(junit, gtest_reports)


def run_tools() -> Tally:
    sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools" / "dev")]
    suite = unittest.TestLoader().discover(str(ROOT / "tools" / "tests"))
    with (LOGS / "test-tools.log").open("w") as log:
        return unittest_tally(unittest.TextTestRunner(stream=log, verbosity=2).run(suite))


def run_vitest(name: str) -> Tally:
    report = REPORTS / f"{name}.json"
    command = [
        "npm",
        "test",
        "--",
        "--reporter=default",
        "--reporter=json",
        f"--outputFile.json={report}",
    ]
    env = {"VIS_SERVER": str(BUILD / "visavis")}
    exit_ok = run_logged(command, ROOT / JS_SUITES[name], f"test-{name}", env)
    return vitest_tally(name, report, exit_ok)


def all_parts() -> list[str]:
    cmake = (ROOT / "tests" / "CMakeLists.txt").read_text()
    parts = [f"unit/{folder}" for folder in re.findall(r"^\s*vis_test\((\S+?)[\s)]", cmake, re.M)]
    parts.append("tools")
    return parts + [name for name, at in JS_SUITES.items() if (ROOT / at / "package.json").exists()]


def run_suite(name: str, run) -> Tally:
    started = time.monotonic()
    print(f"Testing {name} ... ", end="", flush=True)
    tally = run()
    print(f"{tally.text()} ({time.monotonic() - started:.0f} s)", flush=True)
    for problem in tally.problems:
        print("  FAILED " + problem.rstrip().replace("\n", "\n    "))
    if tally.failed:
        print(f"  The whole output: build/log/test-{name}.log", flush=True)
    return tally


def main(arguments: list[str]) -> int:
    only_list = arguments[:1] == ["--list"]
    wanted = "".join(arguments[1:] if only_list else arguments)
    known = all_parts()
    parts = [part for part in known if wanted in part]
    if not parts:
        print(f'No test part holds "{wanted}". They are: {" ".join(known)}', file=sys.stderr)
        return 1
    if only_list:
        print("\n".join(parts))
        return 0
    shutil.rmtree(REPORTS, ignore_errors=True)
    (REPORTS / "gtest").mkdir(parents=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    total = Tally()
    units = [part for part in parts if part.startswith("unit/")]
    if units:
        total.add(run_suite("unit", lambda: run_unit(units, parts == known)))
    if "tools" in parts:
        total.add(run_suite("tools", run_tools))
    for name in JS_SUITES:
        if name in parts:
            total.add(run_suite(name, lambda name=name: run_vitest(name)))
    print(f"\n{total.passed} passed, {total.failed} failed")
    return 0 if total.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
