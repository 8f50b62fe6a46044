"""Writes a document's files: made whole in a temporary folder, then moved into place; old files survive a failure."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from derive.errors import DeriveError, UsageError
from derive.rendering.document import Document
from derive.rendering.printing import print_document

ENGINES: dict[str, Callable[[str, Path], bytes]] = {}  # each makes a PDF of its source
SOURCES = {"typst": "typ", "latex": "tex"}
FORMATS = ("tex", "typ", "pdf")


def typeset(document: Document, formats: Sequence[str], out: Path | str, engine: str = "typst") -> list[Path]:
    """Write `out`/ID.tex, .typ, .pdf as asked, and return their paths in that order."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise UsageError(f"'{unknown[0]}' is no format; there are {', '.join(FORMATS)}")
    if engine not in ENGINES:
        raise UsageError(f"'{engine}' is no PDF engine; there are {', '.join(ENGINES)}")
    folder = Path(out)
    made = _contents(document, tuple(dict.fromkeys(formats)), engine)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _place({folder / f"{document.id}.{name}": content for name, content in made.items()}, folder)
    except OSError as error:
        raise UsageError(
            f"cannot write to {folder}: {error.strerror or error}; choose another folder with --out"
        ) from None


def _contents(document: Document, formats: tuple[str, ...], engine: str) -> dict[str, bytes]:
    """Every file's bytes. The PDF is set in a thread, outside the interpreter's lock, while the rest is printed."""
    made: dict[str, bytes] = {}
    with ThreadPoolExecutor(1) as pool:
        if "pdf" in formats:
            source = print_document(document, SOURCES[engine])
            made[SOURCES[engine]] = source.encode()
            pdf = pool.submit(_pdf, engine, source)
        for name in formats:
            if name != "pdf" and name not in made:
                made[name] = print_document(document, name).encode()
        if "pdf" in formats:
            made["pdf"] = pdf.result()
    return {name: made[name] for name in formats}


def _pdf(engine: str, source: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="derive-") as scratch:
        return ENGINES[engine](source, Path(scratch))


def _place(files: dict[Path, bytes], folder: Path) -> list[Path]:
    """All contents are on the disk before the first name changes; each name changes at once."""
    scratch = Path(tempfile.mkdtemp(prefix=".derive-", dir=folder))
    try:
        for path, content in files.items():
            (scratch / path.name).write_bytes(content)
        for path in files:
            os.replace(scratch / path.name, path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return list(files)


def typst_pdf(source: str, scratch: Path) -> bytes:
    """By the embedded Typst, with its own fonts and no date: the same bytes on every machine."""
    import typst

    main = scratch / "main.typ"
    main.write_text(source, encoding="utf-8")
    try:
        made = typst.compile(main, root=scratch, ignore_system_fonts=True)
    except typst.TypstError as error:
        raise DeriveError(f"Typst could not set the document: {error}; this is a fault of derive") from None
    assert isinstance(made, bytes)
    return made


def latex_pdf(source: str, scratch: Path) -> bytes:
    from derive.rendering.tex import tex_to_pdf  # and with it what starts other programs

    return tex_to_pdf(source, scratch)


ENGINES.update(typst=typst_pdf, latex=latex_pdf)
