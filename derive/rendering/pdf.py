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

ENGINES: dict[str, Callable[[Document, Path], bytes]] = {}
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
    """Every file's bytes. The PDF is set in a thread, for most of its time outside the interpreter's lock."""
    with ThreadPoolExecutor(1) as pool:
        pdf = pool.submit(_pdf, document, engine) if "pdf" in formats else None
        made = {name: print_document(document, name).encode() for name in formats if name != "pdf"}
        if pdf is not None:
            made["pdf"] = pdf.result()
    return {name: made[name] for name in formats}


def _pdf(document: Document, engine: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="derive-") as scratch:
        return ENGINES[engine](document, Path(scratch))


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


def typst_pdf(document: Document, scratch: Path) -> bytes:
    """By the embedded Typst, with its own fonts and no date: the same bytes on every machine."""
    import typst

    source = scratch / "main.typ"
    source.write_text(print_document(document, "typ"), encoding="utf-8")
    try:
        made = typst.compile(source, root=scratch, ignore_system_fonts=True)
    except typst.TypstError as error:
        raise DeriveError(f"Typst could not set {document.id}: {error}; this is a fault of derive") from None
    assert isinstance(made, bytes)
    return made


def latex_pdf(document: Document, scratch: Path) -> bytes:
    from derive.rendering.tex import tex_to_pdf  # and with it what starts other programs

    return tex_to_pdf(print_document(document, "tex"), scratch)


ENGINES.update(typst=typst_pdf, latex=latex_pdf)
