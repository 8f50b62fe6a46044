"""Short forms of the words for what is counted: conn is connections, MAC is MACs, act is activations."""

from __future__ import annotations

from collections.abc import Mapping

LEAST = 3


def expanded(word: str, lexicon: Mapping[str, tuple[str, object]]) -> str:
    """The word in full, where all words that begin with it mean one thing; '' where there is none, or several."""
    if len(word) < LEAST or not word.isalpha():
        return ""
    longer = [full for full in lexicon if full.startswith(word) and full != word and " " not in full]
    meanings = {lexicon[full] for full in longer}
    return longer[0] if len(meanings) == 1 and next(iter(meanings))[0] in ("what", "kind") else ""
