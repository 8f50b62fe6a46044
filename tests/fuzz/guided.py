"""Texts that reach new code, by coverage: `pip install atheris`, then `python tests/fuzz/guided.py -runs=200000`.

Arguments are those of libFuzzer, such as -max_len and a folder to keep what was found.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent))

with atheris.instrument_imports(include=["derive.reading", "derive.judging"]):
    from derive.checking import check, compare
    from derive.language.judgement import STATUS

PROBLEMS = ("bn_backward", "conv_jacobian", "vanishing_gradient", "conv_cost", "momentum_forms")


def one(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    kind = provider.ConsumeIntInRange(0, len(PROBLEMS))
    text = provider.ConsumeUnicode(provider.remaining_bytes())
    found = compare(text, "x_i") if kind == len(PROBLEMS) else check(PROBLEMS[kind], text)
    assert found.verdict in STATUS


if __name__ == "__main__":
    atheris.Setup([*sys.argv, f"-dict={Path(__file__).with_name('words.dict')}"], one)
    atheris.Fuzz()
