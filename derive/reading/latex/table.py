"""The commands of LaTeX that mean something in a formula, by what they are."""

from __future__ import annotations

from derive.reading.latex.tokens import GREEK
from derive.reading.surface import Node, Operator, Relation, Word

ACCENTS = ("hat", "tilde", "bar", "dot", "vec", "mathring")

FONTS = ("mathbf", "boldsymbol", "mathrm", "mathit", "mathsf", "mathcal", "mathbb", "mathtt", "mathfrak", "rm", "bf")

SPELLED = ("operatorname", "operatorname*", "text")

FUNCTIONS = {
    "exp": "exp", "log": "log", "tanh": "tanh", "sinh": "sinh", "cosh": "cosh", "max": "max", "min": "min",
    "relu": "relu", "ReLU": "relu", "sigmoid": "logistic", "logistic": "logistic", "diag": "diag", "Diag": "diag",
    "sqrt": "sqrt", "ln": "log", "abs": "abs", "floor": "floor", "ceil": "ceil", "step": "step", "tr": "trace",
    "sign": "sign", "sgn": "sign", "sin": "sin", "cos": "cos", "tan": "tan", "cot": "cot", "sec": "sec", "csc": "csc",
    "coth": "coth", "softmax": "softmax", "Softmax": "softmax",
}  # fmt: skip

CAPITALS = ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "ell")

NAMES = frozenset({*GREEK, *CAPITALS})

RELATIONS: dict[str, Relation] = {"=": "=", "<": "<", ">": ">", "le": "<=", "ge": ">=", "ne": "!=", "approx": "~",
                                  "equiv": "=", "coloneqq": "=", "doteq": "~", "mid": "|"}  # fmt: skip

TIMES: dict[str, Operator] = {"times": "times", "cdot": "cdot", "odot": "odot", "circ": "odot", "div": "/"}

DOTS = ("dots", "cdots", "vdots", "ddots")

STARTING = frozenset(
    {"frac", "binom", "sum", "prod", "sqrt", "partial", "nabla", "lfloor", "lceil", "{", "begin", "infty", *NAMES,
     *ACCENTS, *FONTS, *FUNCTIONS, *SPELLED, *DOTS}
)  # fmt: skip


def is_transposition(node: Node) -> bool:
    return isinstance(node, Word) and node.base in ("T", "top") and not (node.below or node.above or node.primes)
