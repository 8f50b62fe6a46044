"""The remedy for a word that is not known: the known words nearest to it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """'. Did you mean ...?' with the nearest known words, else `otherwise`.

    >>> did_you_mean("bn_backwards", ["bn_backward", "layer_norm"])
    ". Did you mean 'bn_backward'?"
    >>> did_you_mean("zzz", ["mu"], ". Its names are mu.")
    '. Its names are mu.'
    """
    near = difflib.get_close_matches(word, list(dict.fromkeys(known)), n=2)
    return f". Did you mean {' or '.join(repr(name) for name in near)}?" if near else otherwise
