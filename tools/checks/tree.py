"""What the rules look at: the files of a checkout, with comments and strings told from code."""

import bisect
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CPP = (".cpp", ".hpp", ".h")
TYPESCRIPT = (".ts", ".tsx", ".mts", ".js", ".mjs", ".cjs")
TEXT = (
    CPP
    + TYPESCRIPT
    + (
        ".py",
        ".sh",
        ".txt",
        ".cmake",
        ".md",
        ".toml",
        ".json",
        ".yml",
        ".yaml",
        ".service",
        ".css",
        ".html",
        "",
    )
)
NOT_OURS = re.compile(r"(^|/)(node_modules|build|dist|generated|corpus)/|\.gen\.")

CPP_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<string>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"
                 |"(?:[^"\\\n]|\\.)*"
                 |(?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)+')""",
    re.S | re.X,
)
TYPESCRIPT_TOKEN = re.compile(
    r"""(?P<comment>(?<![:\\])//[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)""",
    re.S | re.X,
)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


def blank(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))


def scan(pattern: re.Pattern, text: str, *hints: str) -> Iterator[re.Match]:
    """Every match in `text`; none, without trying, where it holds none of `hints`."""
    return pattern.finditer(text) if any(hint in text for hint in hints) else iter(())


class Source:
    """One file. `code` is its text with comments and the inside of strings blanked, so that
    offsets and line numbers stay what they are."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.suffix = Path(path).suffix
        self.comments: list[tuple[int, str]] = []
        self.strings: list[tuple[int, str]] = []

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0] + [match.end() for match in re.finditer("\n", self.text)]

    def line_at(self, offset: int) -> int:
        return bisect.bisect_right(self._line_starts, offset)

    def offset_of(self, line: int) -> int:
        return self._line_starts[line - 1]

    @cached_property
    def code(self) -> str:
        token = CPP_TOKEN if self.suffix in CPP else TYPESCRIPT_TOKEN
        return token.sub(self._blank_token, self.text)

    def _blank_token(self, match: re.Match) -> str:
        found = match.group()
        if match.lastgroup == "comment" or match.group("comment"):
            self.comments.append((match.start(), found))
            return blank(found)
        self.strings.append((match.start(), found))
        return found[0] + blank(found[1:-1]) + found[-1]

    @cached_property
    def structure(self) -> str:
        """`code` without preprocessor lines: what braces can be matched in."""
        return DIRECTIVE.sub(lambda match: blank(match.group()), self.code)

    @cached_property
    def includes(self) -> list[tuple[int, str, str]]:
        """(line, `<` or `"`, path) of every #include that is not in a comment."""
        found = []
        for match in INCLUDE.finditer(self.text):
            if self.code[match.start() : match.end()].lstrip().startswith("#"):
                found.append((self.line_at(match.start(1)), match.group(1), match.group(2)))
        return found

    def find(self, rule: str, offset: int, message: str) -> Finding:
        return Finding(self.path, self.line_at(offset), rule, message)

    def is_under(self, *folders: str) -> bool:
        return any(self.path.startswith(folder + "/") for folder in folders)


class Tree:
    """A checkout: every text file of ours that git tracks or would track."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.all_paths = sorted(list_files(root))
        self.sources = [
            Source(path, (root / path).read_text(errors="replace"))
            for path in self.all_paths
            if Path(path).suffix in TEXT and not NOT_OURS.search(path)
        ]
        self.cpp = [source for source in self.sources if source.suffix in CPP]
        self.typescript = [source for source in self.sources if source.suffix in TYPESCRIPT]
        self.python = [source for source in self.sources if source.suffix == ".py"]

    @cached_property
    def paths(self) -> frozenset[str]:
        return frozenset(self.all_paths)

    @cached_property
    def by_path(self) -> dict[str, Source]:
        return {source.path: source for source in self.sources}

    def text(self, path: str) -> str:
        return self.by_path[path].text if path in self.by_path else ""


def list_files(root: Path) -> list[str]:
    if (root / ".git").exists():
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return [path for path in listing.split("\0") if path and (root / path).is_file()]
    return [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
