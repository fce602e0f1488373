"""The test runner can fail: each way a suite goes wrong is counted."""

import json
import tempfile
import unittest
from pathlib import Path

from run_tests import ctest_tally, gtest_tally, unittest_tally, vitest_tally

PASSING = {"name": "adds", "classname": "Sum", "result": "COMPLETED"}
FAILING = PASSING | {"failures": [{"failure": "sum_test.cpp:3\nExpected 2"}]}
SKIPPED = PASSING | {"result": "SKIPPED"}


class Reports(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name: str, content: object) -> Path:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def gtest(self, *tests: dict) -> Path:
        return self.write("test_base.json", {"testsuites": [{"testsuite": list(tests)}]})

    def counts(self, tally) -> tuple[int, int, int]:
        return tally.passed, tally.failed, tally.skipped


class GoogleTest(Reports):
    def test_counts_what_the_report_says(self):
        tally = gtest_tally("unit/base", self.gtest(PASSING, FAILING, SKIPPED), exit_ok=False)
        self.assertEqual(self.counts(tally), (1, 1, 1))
        self.assertIn("Expected 2", tally.problems[0])

    def test_a_crash_without_a_report_has_failed(self):
        tally = gtest_tally("unit/base", self.folder / "none.json", exit_ok=False)
        self.assertEqual(self.counts(tally), (0, 1, 0))

    def test_a_torn_report_has_failed(self):
        report = self.write("torn.json", '{"testsuites": [')
        self.assertEqual(self.counts(gtest_tally("a", report, exit_ok=True)), (0, 1, 0))

    def test_a_program_without_tests_has_failed(self):
        self.assertEqual(self.counts(gtest_tally("a", self.gtest(), exit_ok=True)), (0, 1, 0))

    def test_an_error_at_exit_has_failed(self):
        report = self.gtest(PASSING)
        self.assertEqual(self.counts(gtest_tally("a", report, exit_ok=False)), (1, 1, 0))


class CTest(Reports):
    def test_adds_up_programs_and_a_missing_one(self):
        self.gtest(PASSING, PASSING)
        rows = '<testcase name="base" status="run"/><testcase name="core" status="notrun"/>'
        junit = self.write("ctest.xml", f"<testsuite>{rows}</testsuite>")
        self.assertEqual(self.counts(ctest_tally(junit, self.folder)), (2, 1, 0))

    def test_a_program_that_is_not_google_test_counts_once(self):
        junit = self.write("ctest.xml", '<testsuite><testcase name="x" status="run"/></testsuite>')
        self.assertEqual(self.counts(ctest_tally(junit, self.folder)), (1, 0, 0))

    def test_no_report_and_no_rows_have_failed(self):
        empty = self.write("ctest.xml", "<testsuite/>")
        self.assertEqual(self.counts(ctest_tally(empty, self.folder)), (0, 1, 0))
        self.assertEqual(self.counts(ctest_tally(self.folder / "no.xml", self.folder)), (0, 1, 0))


class Vitest(Reports):
    def file(self, status: str, *statuses: str) -> dict:
        results = [{"status": one, "fullName": "joins"} for one in statuses]
        return {"name": "a.test.ts", "status": status, "assertionResults": results}

    def tally(self, *files: dict, exit_ok: bool = True):
        report = self.write("web.json", {"testResults": list(files)})
        return vitest_tally("web", report, exit_ok)

    def test_counts_what_the_report_says(self):
        tally = self.tally(self.file("failed", "passed", "failed", "pending"), exit_ok=False)
        self.assertEqual(self.counts(tally), (1, 1, 1))

    def test_a_file_that_cannot_be_loaded_has_failed(self):
        tally = self.tally(self.file("passed", "passed"), self.file("failed"), exit_ok=False)
        self.assertEqual(self.counts(tally), (1, 1, 0))

    def test_no_report_no_test_and_a_bad_exit_have_failed(self):
        missing = vitest_tally("web", self.folder / "none.json", exit_ok=True)
        self.assertEqual(self.counts(missing), (0, 1, 0))
        self.assertEqual(self.counts(self.tally()), (0, 1, 0))
        unhandled = self.tally(self.file("passed", "passed"), exit_ok=False)
        self.assertEqual(self.counts(unhandled), (1, 1, 0))


class Unittest(unittest.TestCase):
    def test_two_failed_subtests_are_one_test_not_passed(self):
        class Inner(unittest.TestCase):
            def test_one(self):
                for number in range(3):
                    with self.subTest(number):
                        self.assertEqual(number, 0)

            def test_two(self):
                pass

        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(Inner).run(result)
        tally = unittest_tally(result)
        self.assertEqual((tally.passed, tally.failed), (1, 2))


if __name__ == "__main__":
    unittest.main()
