"""NumPy code into statements about arrays: shapes go together as NumPy has it, and entries count from 0.

The text is parsed by Python's own parser and never run; what has no rule here is refused.
"""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from typing import NoReturn

from msgspec.structs import replace

from derive.algebra.binding import substitute
from derive.errors import AnswerError, MisfitError
from derive.language.expression import (
    ONE,
    ZERO,
    Decimal,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Read,
    add,
    div,
    neg,
    walk,
)
from derive.language.notation import Name
from derive.language.statement import Chain, Open, Side, Statement, Table
from derive.language.tensor import Tensor
from derive.reading.arrays import ShapeError
from derive.reading.code_arrays import (
    ENTRY_BY_ENTRY,
    MAX_BITS,
    OPERATORS,
    REDUCTIONS,
    Arithmetic,
    Array,
    length,
    opened,
    whole,
)
from derive.reading.references import Names

MAX_CODE = 2_000
MAX_DEPTH = 64
MAX_DIGITS = 40

_CODE = re.compile(
    r"\bnp\.|\bnumpy\.|\w\s*@\s*\w|[\w)\]]\.(?:sum|mean|var|std|dot|T|shape)\b|\baxis\s*="
    r"|\[[^\]]{0,80}\b(?:None|newaxis)\b"
)
_GLUED = re.compile(r"(?<![\w.])(?:\d[\d_]*+(?:\.\d*+)?|\.\d++)(?:[A-DF-Za-df-z_]|[eE](?![0-9+-]))")


def looks_like_code(text: str) -> bool:
    return "\\" not in text and _CODE.search(text) is not None


def read_code(text: str, names: Names, *, answers: bool = False) -> Statement:
    """What assignments say of the names of a problem. Raises AnswerError with the column.

    Statistics of rows keep an axis of length 1 where arrays fit each other only so.
    """
    try:
        return _read_code(text, names, answers)
    except MisfitError as misfit:
        code = _Code(text, names, kept=True)
        try:
            found = code.statement(ast.parse(text.strip()), answers)
        except AnswerError:
            raise misfit from None
        said = ", ".join(sorted(code.widened))
        if "keepdims" in text:
            note = f"{said} with an axis of length 1, as by keepdims=True"
            return replace(found, chains=tuple(replace(one, notes=(*one.notes, note)) for one in found.chains))
        told = f"where {said} kept an axis of length 1, as by keepdims=True"
        unlike = (misfit.left, misfit.right, misfit.sizes)
        return replace(found, chains=tuple(replace(one, fitting=told, misfit=unlike) for one in found.chains))


def _read_code(text: str, names: Names, answers: bool) -> Statement:
    if len(text) > MAX_CODE:
        raise AnswerError(f"code of more than {MAX_CODE} characters is not read", text, MAX_CODE)
    if "'" in text or '"' in text:
        raise AnswerError("texts in quotes are not read", text, 0)
    if (glued := _GLUED.search(text)) is not None:  # Python's parser would warn of these, or take them for two words
        raise AnswerError("a number and a name stand together", text, glued.start())
    try:
        module = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise AnswerError("this is not an expression of Python", text, 0) from None
    return _Code(text, names).statement(module, answers)


class _Code(Arithmetic):
    """One text; names that it assigns for itself stand for what was assigned."""

    def __init__(self, text: str, names: Names, *, kept: bool = False) -> None:
        self.text, self.names, self.words = text, names, names.words
        self.kept, self.widened = kept, set[str]()
        self.first = len(text) - len(text.lstrip())
        self.lines = [0, *(match.end() + self.first for match in re.finditer("\n", text.strip()))]
        self.own: dict[str, Array] = {}
        self.taken: set[str] = set()
        self.depth = 0

    def fail(self, message: str, node: ast.AST) -> NoReturn:
        raise AnswerError(message, self.text, self.place(node))

    def misfit(self, message: str, node: ast.AST, left: str, right: str, sizes: tuple[str, ...]) -> NoReturn:
        raise MisfitError(message, self.text, self.place(node), left, right, sizes)

    def place(self, node: ast.AST) -> int:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        start = self.first if line == 1 else self.lines[line - 1]
        return min(start + column, len(self.text))

    def statement(self, module: ast.Module, answers: bool) -> Statement:
        chains: list[Chain] = []
        for place, one in enumerate(module.body):
            last = place == len(module.body) - 1
            if isinstance(one, ast.Expr):
                chains.append(self.chain([one.value], one, answers=False))
            elif isinstance(one, ast.Assign):
                known = [target for target in one.targets if self.tensor(target) is not None]
                if not known and not (last and answers):
                    for target in one.targets:
                        if not isinstance(target, ast.Name) or last:
                            self.unknown(target)
                        self.own[target.id] = self.value(one.value)
                    continue
                chains.append(self.chain([*known, one.value], one, answers=not known))
            else:
                self.fail("one assignment is read at a time, as in dx = ..", one)
        if not chains:
            raise AnswerError("a statement is expected, but here is the end", self.text, 0)
        return Statement(self.text, tuple(chains))

    def chain(self, nodes: list[ast.expr], whole: ast.stmt, *, answers: bool) -> Chain:
        first, *rest = (self.side(node) for node in nodes)
        sides = (first, *(_lettered(side, first) for side in rest))
        texts = tuple(ast.get_source_segment(self.text.strip(), node) or "" for node in nodes)
        return Chain(sides, ("=",) * (len(sides) - 1), texts, answers=answers)  # type: ignore[arg-type]

    def side(self, node: ast.expr) -> Side:
        if isinstance(node, ast.List | ast.Tuple):
            return self.table(node)
        array = self.value(node)
        return opened(array)

    def table(self, node: ast.List | ast.Tuple) -> Table:
        if node.elts and all(isinstance(row, ast.List | ast.Tuple) for row in node.elts):
            rows = tuple(tuple(self.number(cell) for cell in row.elts) for row in node.elts)  # type: ignore[attr-defined]
            if len({len(row) for row in rows}) != 1 or not rows[0]:
                self.fail("the rows of the list have different lengths", node)
            return Table(rows)
        if not node.elts:
            self.fail("the list is empty", node)
        return Table((tuple(self.number(cell) for cell in node.elts),), vector=True)

    def number(self, node: ast.expr) -> Expr:
        found = self.value(node)
        if any(axis is not None for axis in found.axes):
            self.fail("one number is expected here, not an array", node)
        return found.entry

    # -- values --------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr) -> Array:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} deep", node)
        rule = getattr(self, f"_{type(node).__name__.lower()}", None)
        if rule is None:
            self.fail("this has no meaning here", node)
        try:
            found: Array = rule(node)
        except ShapeError as error:
            if error.misfit is not None:
                self.misfit(str(error), node, *error.misfit.said(), error.misfit.sizes())
            self.fail(str(error), node)
        self.depth -= 1
        first = found.entry.factors[0] if isinstance(found.entry, Mul) else found.entry
        if isinstance(first, Number) and max(map(int.bit_length, first.value.as_integer_ratio())) > MAX_BITS:
            self.fail("the numbers here grow too large to be read", node)
        return found

    def _constant(self, node: ast.Constant) -> Array:
        text = ast.get_source_segment(self.text.strip(), node) or ""
        if isinstance(node.value, bool) or not isinstance(node.value, int | float) or not re.match(r"[0-9.]", text):
            self.fail("this has no meaning here", node)
        scale = re.sub(r"[^0-9]", "", text.lower().partition("e")[2]) or "0"
        if len(text) > MAX_DIGITS or len(scale) > 3 or int(scale) > 100:
            self.fail("this number is too long to be read", node)
        if isinstance(node.value, int):
            return Array((), Number(Fraction(node.value)))
        return Array((), Decimal(text.lower().replace("_", "")))

    def tensor(self, node: ast.expr) -> Tensor | None:
        if not isinstance(node, ast.Name) or node.id in self.own:
            return None
        alike = self.names.table.get((node.id, "", 0), [])
        if len(alike) == 2:
            self.names.open = (f"{node.id} is {alike[0].meaning}", f"{node.id} is {alike[1].meaning}")
            return alike[self.names.turn]
        for table in (self.words.names, self.words.short, self.names.asked):
            if node.id in table:
                return table[node.id]
        other = {key: t for table in (self.words.names, self.words.short) for key, t in table.items()
                 if key.lower() == node.id.lower() and t.axes}  # fmt: skip
        return next(iter(other.values())) if len({t.key for t in other.values()}) == 1 else None

    def unknown(self, node: ast.expr) -> NoReturn:
        name = node.id if isinstance(node, ast.Name) else "this"
        self.fail(f"'{name}' is not a name in {self.words.place}{self.words.near(name)}", node)

    def _name(self, node: ast.Name) -> Array:
        if node.id in self.own:
            return self.own[node.id]
        tensor = self.tensor(node)
        if tensor is None:
            self.unknown(node)
        axes: list[Index] = []
        for axis in tensor.axes:
            axes.append(self.fresh(axis) if axis.name in self.taken else axis)
            self.taken.add(axes[-1].name)
        rows = (tensor.name.rows if isinstance(tensor.name, Name) else 0) or 1
        if self.kept and self.is_of_rows(tensor):
            if isinstance(node.ctx, ast.Load):
                self.widened.add(node.id)
            return Array((*axes, None), Read(tensor, tuple(axes)), rows)
        return Array(tuple(axes), Read(tensor, tuple(axes)), rows)

    def is_of_rows(self, tensor: Tensor) -> bool:
        """Is it worked out from the rows of a matrix, a number for each, such as their means?"""
        program = self.words.problem.program if self.words.problem is not None else None
        if program is None or len(tensor.axes) != 1:
            return False
        nodes = {equation.tensor.key: equation for equation in program.equations}
        read = [node for node in walk(nodes[tensor.key].value) if isinstance(node, Read)] if tensor.key in nodes else []
        return any(len(one.tensor.axes) == 2 and one.indices[:1] == tensor.axes for one in read)

    def _unaryop(self, node: ast.UnaryOp) -> Array:
        inside = self.value(node.operand)
        if isinstance(node.op, ast.USub):
            return Array(inside.axes, neg(inside.entry), inside.rows)
        if isinstance(node.op, ast.UAdd):
            return inside
        return self.fail("this operator has no meaning here", node)

    def _binop(self, node: ast.BinOp) -> Array:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.MatMult):
            return self.matrix_product(left, right, node)
        if isinstance(node.op, ast.Pow):
            return self.to_power(left, right, node)
        if isinstance(node.op, ast.Div):
            if right.entry == ZERO:
                self.fail("division by zero", node.right)
            return self.together(div, left, right, node)
        rule = OPERATORS.get(type(node.op))
        if rule is None:
            self.fail("this operator has no meaning here", node)
        return self.together(rule, left, right, node)

    def _compare(self, node: ast.Compare) -> Array:
        if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Gt | ast.Lt):
            self.fail("of comparisons, a > b and a < b are read", node)
        left, right = self.value(node.left), self.value(node.comparators[0])
        if isinstance(node.ops[0], ast.Lt):
            left, right = right, left
        return self.together(lambda a, b: Function("step", (add(a, neg(b)),)), left, right, node)

    def _attribute(self, node: ast.Attribute) -> Array:
        if node.attr != "T":
            self.fail(f"'.{node.attr}' is not read", node)
        return self.turned(self.value(node.value))

    def _subscript(self, node: ast.Subscript) -> Array:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            return self.length_of(self.value(node.value.value), node)
        inside = self.value(node.value)
        items = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        axes: list[Index | None] = []
        entry, rest = inside.entry, list(inside.axes)
        for item in items:
            if _is_new(item):
                axes.append(None)
                continue
            if isinstance(item, ast.Constant) and item.value is ...:
                keep = len(rest) - sum(not _is_new(one) for one in items[items.index(item) + 1 :])
                axes += rest[:keep]
                rest = rest[keep:]
                continue
            if not rest:
                self.fail("there are more indices than axes", node)
            axis = rest.pop(0)
            if isinstance(item, ast.Slice) and item.lower is item.upper is item.step is None:
                axes.append(axis)
            elif isinstance(item, ast.Constant) and isinstance(item.value, int) and 0 <= item.value < 10_000:
                if axis is not None:
                    entry = substitute(entry, {axis.name: add(axis.lower, item.value)})
            else:
                self.fail("an index is a number, : or None", item)
        return Array((*axes, *rest), entry)

    def length_of(self, array: Array, node: ast.Subscript) -> Array:
        place = whole(node.slice)
        if place is None or not -len(array.axes) <= place < len(array.axes):
            self.fail("say which length, as in x.shape[0]", node)
        axis = array.axes[place]
        return Array((), ONE if axis is None else length(axis))

    # -- functions -----------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Array:
        name, given = self.called(node)
        if name in REDUCTIONS:
            return self.reduced(name, given, node)
        if node.keywords:
            self.fail(f"{name} takes no keywords here", node)
        if name in ENTRY_BY_ENTRY and len(given) == 1:
            inside = self.value(given[0])
            return Array(inside.axes, ENTRY_BY_ENTRY[name](inside.entry), inside.rows)
        if len(given) == 1 and name in ("diag", "transpose", "array", "asarray", "len"):
            return self.of_one(name, self.value(given[0]), node)
        if len(given) == 2:
            return self.of_two(name, self.value(given[0]), self.value(given[1]), node)
        return self.fail(f"the function {name} is not read", node)

    def called(self, node: ast.Call) -> tuple[str, list[ast.expr]]:
        """np.sum(x), x.sum() and sum(x) alike: the name of the function, and what it is applied to."""
        if isinstance(node.func, ast.Name):
            return node.func.id, node.args
        if isinstance(node.func, ast.Attribute):
            inside = node.func.value
            if isinstance(inside, ast.Name) and inside.id in ("np", "numpy", "torch", "jnp"):
                return node.func.attr, node.args
            return node.func.attr, [inside, *node.args]
        return self.fail("this is not a function", node)


def _is_new(node: ast.expr) -> bool:
    """None or np.newaxis."""
    if isinstance(node, ast.Attribute):
        return node.attr == "newaxis"
    return isinstance(node, ast.Constant) and node.value is None


def _lettered(side: Side, first: Side) -> Side:
    """The same array with the letters of the first one."""
    if not isinstance(side, Open) or not isinstance(first, Open):
        return side
    pairs = list(zip(side.axes, first.axes, strict=False))
    if len(side.axes) != len(first.axes) or any((a.lower, a.upper) != (b.lower, b.upper) for a, b in pairs):
        return side
    entry = substitute(side.entry, {own.name: other for own, other in pairs})
    return Open(first.rows, first.columns, entry, implied=False, sure=True)
