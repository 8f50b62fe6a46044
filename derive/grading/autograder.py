"""An autograder for Gradescope: a zip with everything that marks a submission there, derive itself included.

https://gradescope-autograders.readthedocs.io/en/latest/specs/: setup.sh and run_autograder at the root.
"""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from derive.grading.course import Course
from derive.rendering.printing import template_folder

SCRIPTS = Path(__file__).with_name("gradescope")
PACKAGE = Path(__file__).resolve().parents[1]
KINDS = (".py", ".sty", ".sh", ".typed", "")
OLDEST = (1980, 1, 1, 0, 0, 0)  # the same bytes on every run
EXTRAS = ("yaml",)
RUN, READ = 0o755, 0o644


def autograder(course: Course, problems: Sequence[str], scheme: Path | None = None, run: bool = False) -> bytes:
    """The zip. `problems` are the ids that a sheet is to answer; `run` lets it run the functions of students.

    Raises UsageError for an id that there is none of.
    """
    content = {f"derive/{name}": (data, READ) for name, data in _package()}
    words = ["--run-functions"] if run else []
    for problem in problems:
        known = course.known(problem)
        words += ["--assigned", problem]
        if problem in course.files:
            content[f"problems/{problem}.py"] = (Path(known.name).read_bytes(), READ)
            words += ["--problem", f"./problems/{problem}.py"]
    if scheme is not None:
        content[f"scheme{scheme.suffix}"] = (scheme.read_bytes(), READ)
        words += ["--scheme", f"scheme{scheme.suffix}"]
    needed = [*requirements(), *(["numpy"] if run else [])]
    content["requirements.txt"] = ("".join(f"{one}\n" for one in needed).encode(), READ)
    content["options"] = ("".join(f"{word}\n" for word in words).encode(), READ)
    content |= {name: ((SCRIPTS / name).read_bytes(), RUN) for name in ("setup.sh", "run_autograder")}
    return _zipped(content)


def _package() -> Iterator[tuple[str, bytes]]:
    """derive as it runs here, with its templates."""
    for folder, prefix in ((PACKAGE, ""), (template_folder(), "templates/")):
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(folder).as_posix()
            wanted = file.suffix in KINDS or prefix or name.startswith("templates/")
            if file.is_file() and wanted and "__pycache__" not in file.parts:
                yield f"{prefix}{name}", file.read_bytes()


def requirements() -> list[str]:
    """What derive stands on, as it was installed, or as the checkout says."""
    try:
        found = requires("derive") or []
    except PackageNotFoundError:
        project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return [*project["dependencies"], *(one for extra in EXTRAS for one in project["optional-dependencies"][extra])]
    kept = []
    for one in found:
        name, _, marker = one.partition(";")
        extra = re.search(r"extra\s*==\s*['\"]([\w.-]+)['\"]", marker)
        if extra is None or extra[1] in EXTRAS:
            kept.append(one if extra is None else name.strip())
    return kept


def _zipped(content: dict[str, tuple[bytes, int]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, mode) in sorted(content.items()):
            entry = zipfile.ZipInfo(name, OLDEST)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, mode << 16, 3
            archive.writestr(entry, data)
    return out.getvalue()
