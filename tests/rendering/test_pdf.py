"""Files: whole or not at all, the same bytes each time, by Typst and by TeX."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.errors import DeriveError, UsageError
from derive.rendering import compose, pdf, tex, typeset
from derive.rendering.document import Document
from tests.rendering.bn_report import prose, report


@pytest.fixture(scope="module")
def document() -> Document:
    return compose(report(), prose)


def test_writes_what_is_asked_for(document: Document, tmp_path: Path) -> None:
    files = typeset(document, ("tex", "typ", "pdf"), tmp_path / "new" / "folder")
    assert [path.name for path in files] == ["bn_backward.tex", "bn_backward.typ", "bn_backward.pdf"]
    assert all(path.stat().st_size > 1000 for path in files)
    assert sorted(path.name for path in files[0].parent.iterdir()) == sorted(path.name for path in files)


def test_same_bytes_each_time(document: Document, tmp_path: Path) -> None:
    first, second = (typeset(document, ("pdf",), tmp_path / name)[0].read_bytes() for name in "ab")
    assert first == second
    assert b"CreationDate" not in first


def test_metadata_and_tags(document: Document, tmp_path: Path) -> None:
    content = typeset(document, ("pdf",), tmp_path)[0].read_bytes()
    assert b"/Lang" in content
    assert b"/StructTreeRoot" in content


def test_a_failure_leaves_the_old_files(document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bn_backward.tex"
    old.write_text("old")

    def fail(source: str, scratch: Path) -> bytes:
        raise DeriveError("no")

    monkeypatch.setitem(pdf.ENGINES, "typst", fail)
    with pytest.raises(DeriveError):
        typeset(document, ("tex", "pdf"), tmp_path)
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_full_disk_leaves_the_old_files(document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bn_backward.tex"
    old.write_text("old")

    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match="No space left"):
        typeset(document, ("tex",), tmp_path)
    assert old.read_text() == "old"


def test_a_path_that_is_no_folder_is_named(document: Document, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file"):
        typeset(document, ("tex",), tmp_path / "file")


def test_unknown_format_and_engine(document: Document, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="docx"):
        typeset(document, ("docx",), tmp_path)
    with pytest.raises(UsageError, match="word"):
        typeset(document, ("pdf",), tmp_path, "word")


def test_no_tex_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tex.working_engine.cache_clear()
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(UsageError, match="leave out --engine latex"):
        tex.tex_to_pdf("", tmp_path)


def test_the_line_of_an_error_is_found() -> None:
    log = "This is pdfTeX\n! Undefined control sequence.\nl.12 \\nope\n         {x}\n"
    assert tex.error_line(log) == "Undefined control sequence. l.12 \\nope"


@pytest.mark.tex
def test_tex_sets_it_cleanly(document: Document, tmp_path: Path) -> None:
    from derive.rendering.printing import print_document

    tex.working_engine.cache_clear()
    content = tex.tex_to_pdf(print_document(document, "tex"), tmp_path)
    assert content.startswith(b"%PDF")
    log = (tmp_path / "main.log").read_text(errors="replace")
    for complaint in ("Overfull", "undefined", "\n!"):
        assert complaint not in log


@pytest.mark.tex
def test_tex_says_which_line_failed(tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match=r"Undefined control sequence.* l\.1 "):
        tex.tex_to_pdf(r"\documentclass{article}\begin{document}\nope\end{document}", tmp_path)
