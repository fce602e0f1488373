"""Finds functions and their parameters in C++ and TypeScript by matching braces. Not a parser: it
reads well-formatted code as clang-format and biome leave it."""

import re
from dataclasses import dataclass

from checks.tree import Source

MARK = re.compile(r"[(){};]")
BRACKETS = {"()": re.compile(r"[()]"), "{}": re.compile(r"[{}]")}
TYPE_HEAD = re.compile(
    r"^(?:(?:typedef|static|constexpr|inline|const|export)\s+)*(class|struct|union)\b"
)
CTOR_INIT = re.compile(r"\)\s*(?:noexcept\s*(?:\([^)]*\))?\s*)?(?<!:):(?!:)")
SPECIFIER = re.compile(r"\b(const|noexcept|override|final|mutable|try|volatile)$")
NOT_A_NAME = {"alignas", "explicit", "decltype", "requires", "noexcept", "throw", "__attribute__"}
CONTROL = {"if", "for", "while", "switch", "catch", "with", "return", "typeof"}


@dataclass(frozen=True)
class Function:
    name: str
    offset: int  # of the first character of its signature
    end: int  # of its closing brace or semicolon
    parameters: int
    is_definition: bool


def matching(text: str, start: int, pair: str) -> int:
    """The offset of the bracket that closes the one at `start`; the end of the text if none."""
    depth = 0
    for match in BRACKETS[pair].finditer(text, start):
        depth += 1 if match.group() == pair[0] else -1
        if depth == 0:
            return match.start()
    return len(text)


ATTRIBUTE = re.compile(r"\[\[.*?\]\]", re.S)
ACCESS = re.compile(r"\b(public|private|protected)\s*:(?!:)")


def without_prefix(head: str) -> str:
    """A declaration's head without access labels, attributes and `template <...>`."""
    if "[[" in head:
        head = ATTRIBUTE.sub(lambda match: " " * len(match.group()), head)
    if ":" in head:
        head = ACCESS.sub(lambda match: " " * len(match.group()), head)
    while (match := re.match(r"\s*template\s*<", head)) is not None:
        depth, at = 1, match.end()
        while depth and at < len(head):
            depth += {"<": 1, ">": -1}.get(head[at], 0)
            at += 1
        head = " " * at + head[at:]
    return head


def parameter_list(head: str) -> tuple[str, str] | None:
    """(name, text between the parentheses) of a function's head; None when it has none."""
    at = head.find("(")
    while at != -1:
        close = matching(head, at, "()")
        before = re.search(r"(operator\s*[^\w\s(]*|~?\w+)\s*$", head[:at])
        name = before.group(1) if before else ""
        if name == "operator":
            at = close + 1 if head[close + 1 : close + 2] == "(" else head.find("(", close)
            return ("operator()", head[at + 1 : matching(head, at, "()")]) if at != -1 else None
        if name and name not in NOT_A_NAME:
            return name, head[at + 1 : close]
        at = head.find("(", close)
    return None


def count_parameters(text: str) -> int:
    if text.strip() in ("", "void"):
        return 0
    depth, count = 0, 1
    for at, character in enumerate(text):
        if character in "([{" or (
            character == "<" and at and (text[at - 1].isalnum() or text[at - 1] == "_")
        ):
            depth += 1
        elif character in ")]}" or (character == ">" and depth and text[at - 1] not in "-="):
            depth -= 1
        elif character == "," and depth == 0:
            count += 1
    return count


def brace_kind(head: str) -> str:
    """What a brace after `head` opens: scope, function, lambda or value."""
    bare = re.sub(r"\balignas\s*\([^)]*\)", "", without_prefix(head)).strip()
    if re.match(r"(inline\s+)?namespace\b|extern\s+\"", bare) or bare in ("struct", "union"):
        return "scope"
    if re.match(r"(typedef\s+)?enum\b", bare):
        return "value"
    if TYPE_HEAD.match(bare) and "(" not in bare:
        return "scope"
    if "(" not in bare:
        return "value"
    before_list = bare[: bare.index("(")]
    if re.search(r"(?<![=!<>+\-*/&|^%])=(?!=)\s*$|\breturn\b", before_list) or (
        "=" in before_list and "operator" not in before_list
    ):
        return "lambda" if re.search(r"\]\s*(\([^()]*\))?[^\]]*$", bare) else "value"
    if CTOR_INIT.search(bare) and re.search(r"[\w>]$", bare) and not SPECIFIER.search(bare):
        return "value"
    return "function"


def is_declaration(head: str) -> bool:
    bare = without_prefix(head).strip()
    found = parameter_list(bare)
    if found is None or re.match(
        r"(using|typedef|friend class|static_assert|return|extern template)\b", bare
    ):
        return False
    name, parameters = found
    before = bare[: bare.find("(")]
    looks_like_a_call = re.search(r"(^|,)\s*[\d\"']", parameters)
    return not (
        re.fullmatch(r"[A-Z][A-Z0-9_]*", name)
        or looks_like_a_call
        or ("=" in before and "operator" not in before)
    )


def cpp_functions(source: Source) -> list[Function]:
    text = source.structure
    found: list[Function] = []
    at = head_start = 0
    while (mark := MARK.search(text, at)) is not None:
        at = mark.end()
        head = text[head_start : mark.start()]
        if mark.group() == "(":
            at = matching(text, mark.start(), "()") + 1
        elif mark.group() == ";":
            if is_declaration(head):
                found.append(make_function(text, head_start, mark.start(), False))
            head_start = at
        elif mark.group() == "}":
            head_start = at
        elif mark.group() == "{":
            kind = brace_kind(head)
            if kind == "scope":
                head_start = at
                continue
            close = matching(text, mark.start(), "{}")
            at = close + 1
            if kind in ("function", "lambda"):
                found.append(make_function(text, head_start, close, True, mark.start()))
            if kind == "function":
                head_start = at
    return found


def make_function(
    text: str, head_start: int, end: int, is_definition: bool, body: int = -1
) -> Function:
    head = text[head_start : body if is_definition else end]
    stripped = without_prefix(head)
    name, parameters = parameter_list(stripped) or ("lambda", "")
    first = head_start + len(head) - len(head.lstrip())
    return Function(name, first, end, count_parameters(parameters), is_definition)


def typescript_functions(source: Source) -> list[Function]:
    """Every function body, nested ones too, except the callbacks of `describe`."""
    text = source.structure
    found: list[Function] = []
    braces: list[tuple[int, bool]] = []
    parens: list[int] = []
    last_call = 0
    for mark in MARK.finditer(text):
        if mark.group() == "(":
            parens.append(mark.start())
        elif mark.group() == ")" and parens:
            last_call = parens.pop()
        elif mark.group() == "{":
            braces.append((mark.start(), opens_function(text, mark.start(), last_call)))
        elif mark.group() == "}" and braces:
            start, is_function = braces.pop()
            if is_function:
                found.append(Function("function", start, mark.start(), 0, True))
    return found


def opens_function(text: str, brace: int, last_call: int) -> bool:
    line = text[text.rfind("\n", 0, brace) + 1 : brace]
    if re.search(r"\bdescribe(\.\w+)*\(", line):
        return False
    before = text[max(0, brace - 200) : brace].rstrip()
    if before.endswith("=>"):
        return True
    if not re.search(r"\)\s*(:[^=;(){}]*)?$", before):
        return False
    word = re.search(r"(\w+)\s*$", text[max(0, last_call - 60) : last_call])
    return word is not None and word.group(1) not in CONTROL
