"""Limits, names and words of C++ (and the limits that TypeScript and Python share)."""

import ast
import re
from dataclasses import dataclass

from checks.functions import cpp_functions, typescript_functions
from checks.tree import Finding, Source, Tree, scan

FUNCTION_LINES = 70
FILE_LINES = 600
PARAMETERS = 4
COLUMNS = 100

ENGINES = ("src/core", "src/media", "src/voice")
WIRE = ENGINES + ("src/sip", "src/api")
MEMBER_TYPES = {"hash", "formatter", "promise_type", "tuple_size", "tuple_element"}


@dataclass(frozen=True)
class Word:
    """A text that code must not hold: in which folders, and what to do instead. `hints` are what
    every match holds one of: most files hold none, and are done without the pattern."""

    rule: str
    folders: tuple[str, ...]
    hints: tuple[str, ...]
    pattern: re.Pattern
    advice: str
    suffixes: tuple[str, ...] = (".cpp", ".hpp")


EVERYWHERE = ("src", "tests", "fuzz", "bench")
WORDS = [
    Word(
        "no-new",
        EVERYWHERE,
        ("new",),
        re.compile(r"(?<!operator )\bnew\b\s*[\w:(]"),
        "own it by value or make_unique",
    ),
    Word(
        "no-delete",
        EVERYWHERE,
        ("delete",),
        re.compile(r"(?<!operator )\bdelete\b\s*(\[\s*\])?\s*[\w*(:]"),
        "let an owner destroy it",
    ),
    Word(
        "no-reinterpret-cast",
        WIRE,
        ("reinterpret_cast",),
        re.compile(r"\breinterpret_cast\b"),
        "parse bytes with ByteReader",
    ),
    Word(
        "no-bit-field",
        ("src",),
        (":",),
        re.compile(r"^[ \t]*(?:std::)?(?:u?int\w*|unsigned|bool)\s+\w+\s*:\s*\d+", re.M),
        "write plain fields, parse and write them",
    ),
    Word(
        "engine-clock",
        ENGINES,
        ("_clock", "_now", "clock.hpp", "steady_timer", "gettime"),
        re.compile(
            r"\b\w*_clock::now\b|\b(monotonic|wall)_now\b|\bbase/clock\.hpp|\bsteady_timer\b"
            r"|\bclock_gettime\b|\bgettimeofday\b"
        ),
        "time is an argument",
    ),
    Word(
        "engine-thread",
        ENGINES,
        ("std::", "sleep", "thread_local"),
        re.compile(
            r"\bstd::(jthread|thread|(recursive_|shared_|timed_)?mutex|lock_guard|unique_lock"
            r"|scoped_lock|condition_variable|async|atomic)\b"
            r"|\bsleep(_for|_until)?\s*\(|\bthread_local\b"
        ),
        "an engine lives on its owner's thread",
    ),
    Word(
        "engine-random",
        ENGINES,
        ("rand", "mt19937", "uniform_", "SystemRandom", "RAND_"),
        re.compile(
            r"\bstd::(random_device|mt19937\w*|uniform_\w+)\b|\bgetrandom\b|\bs?rand\s*\("
            r"|\bSystemRandom\b|\bRAND_bytes\b|\brandombytes_\w+"
        ),
        "randomness is injected as RandomSource",
    ),
    Word(
        "engine-io",
        ENGINES,
        ("include", "fstream", "fopen"),
        re.compile(
            r"^[ \t]*#\s*include\s*<(fstream|iostream|filesystem|sys/socket\.h"
            r"|netinet/\S+|arpa/inet\.h|unistd\.h|fcntl\.h|boost/asio/ip/\S+)>"
            r"|\bstd::[io]?fstream\b|\bfopen\s*\(",
            re.M,
        ),
        "bytes come in as arguments and leave as results",
    ),
    Word(
        "engine-exception",
        ("src/media", "src/voice"),
        ("throw", "try", "catch"),
        re.compile(r"\b(throw|try|catch)\b(?!_)"),
        "an expected failure is a Result, a bug is VIS_ASSERT",
    ),
    Word(
        "detached",
        ("src",),
        ("detach",),
        re.compile(r"\basio::detached\b|\.detach\(\)"),
        "spawn through the owner's TaskGroup",
    ),
    Word(
        "using-namespace",
        ("src", "tests"),
        ("using",),
        re.compile(r"^[ \t]*using\s+namespace\s+(?![\w:]*literals\b)", re.M),
        "name what is used",
        (".hpp",),
    ),
    Word(
        "dead-text",
        EVERYWHERE,
        ("#",),
        re.compile(r"^[ \t]*#\s*if\s+(0|false)\b", re.M),
        "delete it; git remembers",
    ),
]

SQL = re.compile(
    r"\b(SELECT\s+.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM"
    r"|(CREATE|ALTER|DROP)\s+TABLE)\b",
    re.S,
)
CODE_LIKE = re.compile(
    r"^(?:(?:if|for|while|switch)\s*\(.*[{;]|(?:return|auto|const|static|using)\b.*;"
    r"|#\s*include\b.*|[\w:<>*&\s]*\w(?:\s*=\s|\(|\.\w+\(|->\w).*;|[})\];]+;?|.*\)\s*\{)\s*$"
)
SHARED_PTR = re.compile(r"\bshared_ptr\s*<\s*(?:const\s+)?([\w:]+)")
NOLINT = re.compile(r"NOLINT(NEXTLINE|BEGIN|END)?(?P<rest>.*)")
TYPE_NAME = re.compile(
    r"\b(?:class|struct|concept)\s+(?:alignas\([^)]*\)\s*)?(?:\[\[\w+\]\]\s*)?(\w+)"
    r"(?=\s*(?:final\b|[{=]|:(?!:)))"
)
ENUM = re.compile(r"\benum\s+(?:class\s+|struct\s+)?(\w+)?[^{;]*\{([^}]*)\}")
TEST = re.compile(r"^[ \t]*(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.M)


def check(tree: Tree) -> list[Finding]:
    findings: list[Finding] = []
    for source in tree.cpp:
        for rule in (
            check_functions,
            check_file_length,
            check_columns,
            check_words,
            check_sql,
            check_comments,
            check_names,
        ):
            findings += rule(source)
        findings += check_shared_ptr(source, tree)
    for source in tree.typescript:
        findings += check_file_length(source)
        findings += check_function_lengths(source, typescript_functions(source))
    for source in tree.python:
        findings += check_file_length(source) + check_columns(source) + check_python(source)
    return findings


def check_functions(source: Source) -> list[Finding]:
    functions = cpp_functions(source)
    findings = check_function_lengths(source, functions)
    for function in functions:
        if function.parameters > PARAMETERS:
            count = f"{function.parameters} parameters, at most {PARAMETERS}: use a struct"
            findings.append(
                source.find("parameters", function.offset, f"{function.name} takes {count}")
            )
    return findings


def check_function_lengths(source: Source, functions: list) -> list[Finding]:
    findings = []
    for function in functions:
        lines = source.line_at(function.end) - source.line_at(function.offset) + 1
        if function.is_definition and lines > FUNCTION_LINES:
            findings.append(
                source.find(
                    "function-length",
                    function.offset,
                    f"{function.name} has {lines} lines, at most {FUNCTION_LINES}",
                )
            )
    return findings


def check_file_length(source: Source) -> list[Finding]:
    count = len(source.lines)
    if count <= FILE_LINES:
        return []
    return [Finding(source.path, count, "file-length", f"{count} lines, at most {FILE_LINES}")]


def check_columns(source: Source) -> list[Finding]:
    return [
        Finding(source.path, number, "columns", f"{len(line)} columns, at most {COLUMNS}")
        for number, line in enumerate(source.lines, 1)
        if len(line) > COLUMNS and "://" not in line and not line.lstrip().startswith("#include")
    ]


def check_words(source: Source) -> list[Finding]:
    findings = []
    code = with_include_paths(source)
    for word in WORDS:
        if source.suffix not in word.suffixes or not source.is_under(*word.folders):
            continue
        for match in scan(word.pattern, code, *word.hints):
            indent = len(match.group()) - len(match.group().lstrip())
            findings.append(source.find(word.rule, match.start() + indent, word.advice))
    return findings


def with_include_paths(source: Source) -> str:
    """`code`, in which the path of #include "..." is readable again."""
    code = source.code
    for line, mark, path in source.includes:
        if mark == '"':
            start = source.text.index(f'"{path}"', source.offset_of(line))
            code = code[: start + 1] + path + code[start + 1 + len(path) :]
    return code


def check_sql(source: Source) -> list[Finding]:
    if not source.is_under("src") or source.is_under("src/storage"):
        return []
    source.code  # fills `strings`
    return [
        source.find("fence", offset, "SQL belongs in storage alone")
        for offset, text in source.strings
        if SQL.search(text)
    ]


def check_shared_ptr(source: Source, tree: Tree) -> list[Finding]:
    """Who shares a T is said once: beside one use of shared_ptr<T> in the file or its header."""
    if not source.is_under("src"):
        return []
    header = tree.by_path.get(source.path.removesuffix(".cpp") + ".hpp", source)
    said = {pointee for _, pointee, near in shared_uses(header) + shared_uses(source) if near}
    return [
        source.find("shared-ptr", offset, f"a comment beside it names who shares the {pointee}")
        for offset, pointee, _ in shared_uses(source)
        if pointee not in said
    ]


def shared_uses(source: Source) -> list[tuple[int, str, bool]]:
    """(offset, T, whether a comment on the line or just above names sharers) of shared_ptr<T>."""
    uses = []
    for match in scan(SHARED_PTR, source.code, "shared_ptr"):
        line = source.line_at(match.start())
        near = "\n".join(source.lines[max(0, line - 4) : line])
        named = re.search(r"//.*\bshar(e|es|ed|ers?|ing)\b", near, re.I) is not None
        uses.append((match.start(), match.group(1).rpartition(":")[2], named))
    return uses


def check_comments(source: Source) -> list[Finding]:
    source.code  # fills `comments`
    findings = []
    for offset, text in source.comments:
        words = re.sub(r"^/[/*]+[!<]*|\*/$", "", text).strip()
        if text.startswith("//") and not text.startswith("///") and CODE_LIKE.match(words):
            findings.append(
                source.find("dead-text", offset, "commented-out code: delete it; git remembers")
            )
        nolint = NOLINT.search(text)
        if (
            nolint
            and nolint.group(1) != "END"
            and not re.match(r"\([\w\-,. ]+\):? \S+", nolint["rest"])
        ):
            findings.append(source.find("nolint", offset, "write NOLINT(check): reason"))
    return findings


def check_names(source: Source) -> list[Finding]:
    findings = []
    for match in scan(TYPE_NAME, source.structure, "class", "struct", "concept"):
        name = match.group(1)
        if not re.match(r"[A-Z]", name) and name not in MEMBER_TYPES and name != "final":
            findings.append(source.find("name", match.start(1), f"the type {name} is CamelCase"))
    for match in scan(ENUM, source.structure, "enum"):
        for part in re.finditer(r"(?:^|,)\s*(\w+)", match.group(2)):
            if not re.fullmatch(r"[A-Z][A-Za-z0-9]*(_\d+)?", part.group(1)):
                findings.append(
                    source.find(
                        "name",
                        match.start(2) + part.start(1),
                        f"the enumerator {part.group(1)} is CamelCase",
                    )
                )
    for match in scan(TEST, source.structure, "TEST"):
        if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", match.group(2)):
            findings.append(
                source.find(
                    "name", match.start(2), f"the test {match.group(2)} is a sentence_in_snake_case"
                )
            )
    return findings


def check_python(source: Source) -> list[Finding]:
    findings = []
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                findings.append(
                    Finding(
                        source.path,
                        node.lineno,
                        "function-length",
                        f"{node.name} has {lines} lines, at most {FUNCTION_LINES}",
                    )
                )
    return findings
