"""Jupyter notebooks: the text cells are read as Markdown; code and what it printed, errors too, are not looked at."""

from __future__ import annotations

from collections.abc import Mapping

from derive.errors import UsageError
from derive.grading.building import sheet_of
from derive.grading.markdown import head_of, sections_of
from derive.grading.sheet import Answer, Sheet
from derive.grading.structured import decoded_json


def read_notebook(text: str, source: str, fallback: str) -> Sheet:
    """The head stands in the first text cell, or in the notebook's metadata under `derive`."""
    data = decoded_json(text)
    if not isinstance(data, Mapping) or not isinstance(data.get("cells"), list):
        raise UsageError("it is no notebook of format 4: it has no list of cells")
    metadata = data.get("metadata")
    own = metadata.get("derive") if isinstance(metadata, Mapping) else None
    meta: dict[str, object] = dict(own) if isinstance(own, Mapping) else {}
    sections: list[tuple[str, list[Answer]]] = []
    for number, cell in enumerate(data["cells"], start=1):
        if not isinstance(cell, Mapping) or cell.get("cell_type") != "markdown":
            continue
        body, first = _source(cell, number), 1
        if not sections:
            head, body, taken = head_of(body)
            meta |= head
            first += taken
        found = sections_of(body, first, f"cell {number}, ")
        (_, answers), more = found[0], found[1:]
        before = sections[-1][0] if sections else ""
        sections += [(before, answers), *more]
    return sheet_of(meta, sections, source, fallback)


def _source(cell: Mapping[str, object], number: int) -> str:
    said = cell.get("source", "")
    text = "".join(said) if isinstance(said, list) and all(isinstance(one, str) for one in said) else said
    if not isinstance(text, str):
        raise UsageError(f"cell {number} has no text as its source")
    return text
