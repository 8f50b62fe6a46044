"""The house rules, read from the imports: who may import whom, and what is imported in one place only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "derive"

# Each part of the house, and the parts it may import besides itself.
BASE = {"errors"}
LANGUAGE = BASE | {"language"}
TOOLS = LANGUAGE | {"algebra"}
SIBLINGS = {"engines", "verification", "reading", "rendering"}
MAY_IMPORT = {
    "": set(),  # derive/__init__.py, imported by everything
    "errors": set(),
    "language": BASE,
    "algebra": LANGUAGE,
    **dict.fromkeys(SIBLINGS, TOOLS),
    "judging": TOOLS | SIBLINGS,
    "functions": TOOLS | SIBLINGS | {"judging", "catalogue"},
    "grading": TOOLS | SIBLINGS | {"judging", "catalogue", "checking", "functions"},
    "problems": {"language"},
    "catalogue": LANGUAGE | {"problems"},
    "instances": TOOLS,
    "checking": TOOLS | {"judging", "catalogue"},
    "tracing": TOOLS | {"engines"},
    "testing": set(),  # a pytest plugin, loaded in every session
    "pipeline": {"instances"} | TOOLS | SIBLINGS | {"judging", "grading", "catalogue"},
    "cli": TOOLS | SIBLINGS | {"judging", "grading", "catalogue", "pipeline", "checking"},
    "__main__": {"cli"},
}
# Libraries that cost time or need an extra: the folders that may import them, and whether at module level.
ONLY_IN = {
    "sympy": ({"algebra", "verification"}, True),
    "flint": ({"algebra", "verification"}, True),
    "mpmath": ({"algebra", "verification"}, True),
    "jinja2": ({"rendering"}, True),
    "typst": ({"rendering"}, False),
    "torch": ({"verification", "tracing"}, False),
    "numpy": ({"verification"}, False),
    "rich": ({"cli"}, False),
    "click": ({"cli"}, True),
    "msgspec": (
        TOOLS | SIBLINGS | {"cli", "judging", "functions", "grading", "catalogue", "instances", "pipeline", "tracing"},
        True,
    ),
    "pebble": ({"judging", "grading"}, False),
    "dask": ({"grading"}, False),
}
# in how many files: PyTorch in the oracle, and where a caller's module is traced
FILES_OF = {**dict.fromkeys(("sympy", "typst", "rich", "pebble", "dask"), 1), "torch": 2}


@dataclass(frozen=True)
class Import:
    file: Path
    line: int
    module: str
    names: tuple[str, ...]
    at_top: bool  # runs when the module is imported

    @property
    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"


def part_of(module: str) -> str:
    """'derive.language.program' -> 'language'."""
    words = module.split(".")
    return words[1] if len(words) > 1 else ""


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(file: Path) -> Iterator[Import]:
    def walk(node: ast.AST, at_top: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(file, child.lineno, alias.name, (), at_top)
            elif isinstance(child, ast.ImportFrom):
                names = tuple(alias.name for alias in child.names)
                yield Import(file, child.lineno, "." * child.level + (child.module or ""), names, at_top)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                yield from walk_all(child.orelse, at_top)
            else:
                inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from walk(child, at_top and not inside)

    def walk_all(nodes: list[ast.stmt], at_top: bool) -> Iterator[Import]:
        for node in nodes:
            yield from walk(node, at_top)

    yield from walk(ast.parse(file.read_text(encoding="utf-8")), True)


FILES = sorted(PACKAGE.rglob("*.py"))
IMPORTS = [found for file in FILES for found in imports_of(file)]
OURS = [found for found in IMPORTS if found.module.split(".")[0] == "derive"]


def test_every_part_of_the_house_has_a_rule() -> None:
    assert {part_of(module_of(file)) for file in FILES} <= set(MAY_IMPORT)


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_go_one_way(part: str) -> None:
    wrong = []
    for found in OURS:
        if part_of(module_of(found.file)) != part:
            continue
        targets = {part_of(found.module)}
        if found.module == "derive":
            targets = {name if name in MAY_IMPORT else "" for name in found.names}
        allowed = MAY_IMPORT[part] | {part, ""}
        wrong += [f"{found.place} imports {target}" for target in targets - allowed]
    assert not wrong


@pytest.mark.parametrize("library", ONLY_IN)
def test_libraries_stay_in_their_place(library: str) -> None:
    folders, at_module_level = ONLY_IN[library]
    found = [one for one in IMPORTS if one.module.split(".")[0] == library]
    assert not [one.place for one in found if part_of(module_of(one.file)) not in folders]
    if not at_module_level:
        assert not [f"{one.place}: import it where it is used" for one in found if one.at_top]
    if library in FILES_OF:
        assert len({one.file for one in found}) <= FILES_OF[library]


def test_no_star_imports_and_no_relative_ones() -> None:
    assert not [one.place for one in IMPORTS if "*" in one.names or one.module.startswith(".")]


def test_oracles_share_nothing_with_the_engines() -> None:
    """What an engine and its checker both use is checked by neither: only the normal form itself uses the algebra."""
    oracles = [one for one in OURS if part_of(module_of(one.file)) == "verification"]
    assert not [one.place for one in oracles if part_of(one.module) == "engines"]
    users = {one.file.stem for one in oracles if part_of(one.module) == "algebra"}
    assert users <= {"normal_form", "report", "inductive", "bounds", "chains"}


def test_an_expression_does_not_know_how_it_is_decided() -> None:
    assert not [
        one.place for one in OURS if part_of(module_of(one.file)) == "language" and part_of(one.module) == "algebra"
    ]


def test_files_hold_one_idea() -> None:
    long = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert not {file: lines for file, lines in long.items() if lines > 450}


def test_modules_say_what_they_are_for() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in FILES
        if file.read_text(encoding="utf-8").strip()
        and ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) is None
    ]
    assert not silent
