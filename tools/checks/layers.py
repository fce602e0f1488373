"""Layers and fences: who may include what, as tools/layers.txt says, and in which order."""

from fnmatch import fnmatch as uncached_fnmatch
from functools import cache
from pathlib import PurePosixPath

from checks.tree import Finding, Source, Tree

TABLE = "tools/layers.txt"

fnmatch = cache(uncached_fnmatch)


def read_table(text: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The two sections of layers.txt: folder -> folders, header pattern -> folders."""
    tables: dict[str, dict[str, list[str]]] = {"layers": {}, "fences": {}}
    section = ""
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif line:
            name, _, allowed = line.rpartition(":")
            tables[section][name.strip()] = allowed.split()
    return tables["layers"], tables["fences"]


def layer_of(path: str, layers: dict[str, list[str]]) -> str | None:
    """The layer that a path relative to src/ lies in; each folder under api/ is one."""
    parts = PurePosixPath(path).parts
    for depth in (2, 1):
        name = "/".join(parts[:depth])
        if len(parts) > depth and any(fnmatch(name, pattern) for pattern in layers):
            return name
    return None


def allowed_by(layer: str, layers: dict[str, list[str]]) -> list[str]:
    return next(allowed for pattern, allowed in layers.items() if fnmatch(layer, pattern))


def check(tree: Tree) -> list[Finding]:
    layers, fences = read_table(tree.text(TABLE))
    findings: list[Finding] = []
    for source in tree.cpp:
        if source.is_under("src"):
            findings += check_layers(source, layers)
            findings += check_fences(source, fences)
            findings += check_own_paths(source, tree)
        if source.is_under("src", "tests", "fuzz", "bench"):
            findings += check_order(source)
            findings += check_pragma_once(source)
    return findings


def check_layers(source: Source, layers: dict[str, list[str]]) -> list[Finding]:
    here = layer_of(source.path.removeprefix("src/"), layers)
    if here is None:
        return [Finding(source.path, 1, "layer", f"this folder is in no layer of {TABLE}")]
    allowed = allowed_by(here, layers)
    findings = []
    for line, mark, path in source.includes:
        there = layer_of(path, layers) if mark == '"' else None
        if there not in (None, here) and there not in allowed and "*" not in allowed:
            findings.append(Finding(source.path, line, "layer", f"{here} may not include {there}"))
    return findings


def check_fences(source: Source, fences: dict[str, list[str]]) -> list[Finding]:
    folder = source.path.removeprefix("src/")
    findings = []
    for line, _, path in source.includes:
        pattern = next((pattern for pattern in fences if fnmatch(path, pattern)), None)
        if pattern is not None and not any(folder.startswith(f"{at}/") for at in fences[pattern]):
            where = ", ".join(fences[pattern])
            findings.append(Finding(source.path, line, "fence", f"{path} belongs in {where} alone"))
    return findings


def check_own_paths(source: Source, tree: Tree) -> list[Finding]:
    """Ours are included as "folder/file.hpp", from src/."""
    findings = []
    for line, mark, path in source.includes:
        generated = fnmatch(path, "*.pb.h")
        if mark == '"' and not generated and f"src/{path}" not in tree.paths:
            findings.append(
                Finding(
                    source.path,
                    line,
                    "include-path",
                    f'"{path}" is no file of ours, named from src/',
                )
            )
    return findings


def check_order(source: Source) -> list[Finding]:
    """Own header, then <...>, then ours; each file of a header's name starts with it."""
    findings = []
    own = source.path.removeprefix("src/").removesuffix(".cpp") + ".hpp"
    first = source.includes[0][2] if source.includes else ""
    if any(path == own for _, _, path in source.includes) and first != own:
        findings.append(
            Finding(
                source.path,
                source.includes[0][0],
                "include-order",
                f'the own header "{own}" comes first',
            )
        )
    seen_ours = False
    for line, mark, path in source.includes[1:] if source.suffix == ".cpp" else source.includes:
        if mark == "<" and seen_ours:
            findings.append(
                Finding(
                    source.path, line, "include-order", f"<{path}> comes before the headers of ours"
                )
            )
            break
        seen_ours = seen_ours or mark == '"'
    return findings


def check_pragma_once(source: Source) -> list[Finding]:
    if source.suffix == ".cpp" or source.code.lstrip().startswith("#pragma once"):
        return []
    return [Finding(source.path, 1, "pragma-once", "a header starts with #pragma once")]
