"""LaTeX source -> PDF by an installed TeX, found by setting a tiny document with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from derive.errors import DeriveError, UsageError

SAFE = ("-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape")
COMMANDS = {
    "latexmk": ("latexmk", "-pdf", "-norc", *SAFE, "main.tex"),
    "pdflatex": ("pdflatex", *SAFE, "main.tex"),
}
PROBE = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{lmodern,tikz}\begin{document}x\end{document}"
MISSING = (
    "no working TeX engine found (tried latexmk and pdflatex); install texlive-latex-recommended, texlive-pictures and"
    " lmodern, or leave out --engine latex"
)
SECONDS = 120


def tex_to_pdf(source: str, scratch: Path) -> bytes:
    """Raises UsageError when no TeX works here, DeriveError with the log's error line when the document fails."""
    engine = working_engine()
    log = _run(engine, source, scratch)
    made = scratch / "main.pdf"
    if not made.is_file():
        raise DeriveError(f"{engine} could not set the document: {error_line(log)}; this is a fault of derive")
    return made.read_bytes()


@lru_cache(maxsize=1)
def working_engine() -> str:
    for engine in COMMANDS:
        if shutil.which(engine):
            with TemporaryDirectory(prefix="derive-") as scratch:
                _run(engine, PROBE, Path(scratch))
                if (Path(scratch) / "main.pdf").is_file():
                    return engine
    raise UsageError(MISSING)


def _run(engine: str, source: str, scratch: Path) -> str:
    """The engine's log. pdflatex alone is run twice, for the references."""
    (scratch / "main.tex").write_text(source, encoding="utf-8")
    # a fixed date keeps the bytes the same; TeX must not look into other folders
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "openout_any": "p",
        "openin_any": "p",
    }
    for _ in range(2 if engine == "pdflatex" else 1):
        try:
            subprocess.run(COMMANDS[engine], cwd=scratch, env=environment, capture_output=True, timeout=SECONDS,
                           stdin=subprocess.DEVNULL, check=False)  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"! {error}"
    log = scratch / "main.log"
    return log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""


def error_line(log: str) -> str:
    """The first error of a TeX log with the line that caused it."""
    lines = log.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("!"):
            where = next((text for text in lines[number:] if text.startswith("l.")), "")
            return f"{line[1:].strip()} {where}".strip()
    return "it wrote no PDF and no error"
