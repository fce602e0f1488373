"""Every rule of tools/lint.py is shown failing and passing, on the fixtures of lint.cases."""

import re
import tempfile
import unittest
from pathlib import Path

import lint
from checks import text
from checks.functions import cpp_functions
from checks.tree import Source, Tree

HERE = Path(__file__).parent
LAYERS = (HERE.parent / "layers.txt").read_text()
MARK = re.compile(r"^(===|---) (.*)$", re.M)


def read_cases() -> list[dict]:
    """{title, rule, with: {path: text}, bad: [(path, text)], good: [...]} of each case."""
    parts = MARK.split((HERE / "lint.cases").read_text())
    cases: list[dict] = []
    for mark, head, body in zip(parts[1::3], parts[2::3], parts[3::3]):
        body = re.sub(r"REPEAT\((\d+),(.*)\)", repeated, body.lstrip("\n").rstrip() + "\n")
        if mark == "===":
            cases.append(
                {"title": head, "rule": head.split(":")[0], "with": [], "bad": [], "good": []}
            )
        else:
            kind, path = head.split()
            cases[-1][kind].append((path, body))
    return cases


def repeated(match: re.Match) -> str:
    return "\n".join([match.group(2)] * int(match.group(1)))


def findings_on(files: list[tuple[str, str]]) -> list[lint.Finding]:
    with tempfile.TemporaryDirectory() as folder:
        for path, content in [("tools/layers.txt", LAYERS), *files]:
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        return lint.check_tree(Tree(Path(folder)))


class Cases(unittest.TestCase):
    def test_every_case_fails_on_the_bad_and_passes_on_the_good(self):
        for case in read_cases():
            for kind in ("bad", "good"):
                for path, content in case[kind]:
                    with self.subTest(case["title"], kind=kind, path=path):
                        found = findings_on([*case["with"], (path, content)])
                        rules = {one.rule for one in found if one.path == path}
                        self.assertEqual(case["rule"] in rules, kind == "bad", found)

    def test_every_rule_has_a_case(self):
        sources = "".join(path.read_text() for path in (HERE.parent / "checks").glob("*.py"))
        calls = re.findall(
            r'(?:Finding|source\.find|Word)\(\s*(?:[\w.]+,\s*)*?"([a-z-]+)"', sources
        )
        shown = {case["rule"] for case in read_cases()} | {"subject", "machine"}
        self.assertGreater(len(calls), 20)
        self.assertEqual(set(calls) - shown, set())


class Words(unittest.TestCase):
    """What cannot stand in lint.cases, because lint reads the tests as well."""

    def test_paths_of_one_machine_are_refused(self):
        for path in ("/wo" "rk/main/x", "see /tmp/" "wt/a/b", "https://registry.npm" "js.org/x"):
            with self.subTest(path):
                self.assertEqual(
                    [one.rule for one in text.check_machine(Source("a.md", path))], ["machine"]
                )
        self.assertEqual(text.check_machine(Source("a.md", "src/network/works, a/work/b")), [])

    def test_a_subject_names_its_area_in_72_columns(self):
        self.assertEqual(text.check_subject("media/rtp: parse header extensions"), [])
        self.assertEqual([one.rule for one in text.check_subject("Fixed stuff")], ["subject"])
        self.assertEqual(text.check_subject("a: " + "x" * 69), [])
        self.assertEqual([one.rule for one in text.check_subject("a: " + "x" * 70)], ["subject"])


TRICKY = r"""
// {
#define OPEN {
void a() { f("}"); g('}'); /* } */ }
int b(int x) { return 1'000; }
"""
GENERIC = """
template <typename T, int N = 3>
  requires std::integral<T>
void a(T x, std::array<T, N> y) {}
bool S::operator()(int x) const { return true; }
auto c(int x) -> std::vector<int> { return {}; }
S::~S() {}
"""
MEMBERS = """
struct S {
  int a{1};
  std::vector<int> b = {1, 2};
  enum class E { A, B };
  void f();
};
"""


class Functions(unittest.TestCase):
    def names(self, code: str) -> list[tuple[str, int]]:
        return [(one.name, one.parameters) for one in cpp_functions(Source("a.cpp", code))]

    def test_comments_strings_and_directives_do_not_confuse_the_braces(self):
        self.assertEqual(self.names(TRICKY), [("a", 0), ("b", 1)])

    def test_templates_operators_and_trailing_types(self):
        expected = [("a", 2), ("operator()", 1), ("c", 1), ("~S", 0)]
        self.assertEqual(self.names(GENERIC), expected)

    def test_members_with_braces_are_no_functions(self):
        self.assertEqual(self.names(MEMBERS), [("f", 0)])


if __name__ == "__main__":
    unittest.main()
