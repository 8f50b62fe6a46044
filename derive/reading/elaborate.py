"""Surface nodes into expressions in the names of a vocabulary: every name looked up, every script given its meaning."""

from __future__ import annotations

from fractions import Fraction as Rational
from typing import NoReturn

from derive.algebra.binding import fresh_name, rewrite, told_apart
from derive.errors import AnswerError
from derive.language.expression import (
    ONE,
    ZERO,
    Add,
    Bracket,
    Decimal,
    Direct,
    Expr,
    Function,
    Index,
    Mul,
    Number,
    Read,
    Sum,
    add,
    div,
    free_indices,
    mul,
    neg,
    power,
    sqrt,
    walk,
)
from derive.language.domain import Integers
from derive.language.recurrence import Recurrence
from derive.language.statement import Chain, Open, Relation, Side, Statement, Table, expressions_of, with_expressions
from derive.language.tensor import Tensor, d
from derive.reading import surface as s
from derive.reading.arrays import (
    ShapeError,
    diagonal,
    entrywise,
    mapped,
    product,
    settled,
    squared_norm,
    transposed,
)
from derive.reading.dots import NoPatternError, at, filled, spelled_out
from derive.reading.references import Names, Reference, axes_rows, describe, split
from derive.reading.scope import Hole, fill_ranges
from derive.language.near import did_you_mean

MAX_BITS = 4096
MAX_EXPONENT = 64
MAX_SCALE = 100
MAX_ENTRIES = 400
SLOPES = {"logistic": lambda f: mul(f, add(1, neg(f))), "tanh": lambda f: add(1, neg(power(f, 2)))}


class Elaborator:
    """One text in one vocabulary. Ranges of letters are left as holes until the whole text is known."""

    def __init__(self, text: str, names: Names, spelled: tuple[s.Spelled, ...]) -> None:
        self.text, self.names, self.words = text, names, names.words
        self.program = self.words.problem.program if self.words.problem is not None else None
        self.scope: list[dict[str, tuple[Expr | None, Expr | None]]] = []
        self.taken = set().union(*(letters_bound(side) for one in spelled for side in one.sides))
        self.notes: list[str] = []
        self.assumed = ""

    def fail(self, message: str, node: s.Node) -> NoReturn:
        raise AnswerError(message, self.text, node.at)

    # -- statements ----------------------------------------------------------------------------------------------

    def chain(self, one: s.Spelled) -> Chain:
        self.notes, self.assumed = [], ""
        sides = [settled(self.side(node)) for node in one.sides]
        relations: list[Relation] = []
        for link in one.links:
            if link.relation in (":", "|"):
                message = "shapes are not read in this problem" if link.relation == ":" else "'|' has no place here"
                raise AnswerError(message, self.text, link.at)
            relations.append(link.relation)
        sides = self.with_sums(self.with_ranges(sides))
        texts = tuple(self.text[start:stop].strip() for start, stop in one.spans)
        return Chain(tuple(sides), tuple(relations), texts, tuple(dict.fromkeys(self.notes)), self.assumed)

    def with_ranges(self, sides: list[Side]) -> list[Side]:
        """Every letter with its range, and every bound one told apart from those that are free around it."""
        flat = tuple(expr for side in sides for expr in expressions_of(side))
        free = frozenset(name for expr in flat for name in free_indices(expr))
        filled_in = iter(told_apart(expr, free) for expr in fill_ranges(self.text, flat, self.words))
        return [with_expressions(side, tuple(next(filled_in) for _ in expressions_of(side))) for side in sides]

    def with_sums(self, sides: list[Side]) -> list[Side]:
        """Sum signs without a letter, now that it is known which letters are free on the other sides."""
        if not any(isinstance(node, Bare) for side in sides for expr in expressions_of(side) for node in walk(expr)):
            return sides
        whole = [_letters_outside(side) for side in sides]
        done: list[Side] = []
        for place, side in enumerate(sides):
            elsewhere = set().union(*(names for k, names in enumerate(whole) if k != place))
            new = tuple(self.summed(expr, elsewhere | _written_outside(expr)) for expr in expressions_of(side))
            if isinstance(side, Open):
                left = free_indices(new[0])
                rows, columns = (tuple(a for a in axes if a.name in left) for axes in (side.rows, side.columns))
                done.append(settled(Open(rows, columns, new[0], side.implied)))
            else:
                done.append(with_expressions(side, new))
        return done

    def summed(self, expr: Expr, kept: set[str]) -> Expr:
        if isinstance(expr, Bare):
            body = self.summed(expr.body, kept)
            over = [index for name, index in free_indices(body).items() if name not in kept]
            if not over:
                raise AnswerError("the sum sign has no letter, and none in it is free to be summed", self.text, expr.at)
            names = ", ".join(index.name for index in over)
            self.notes.append(f"the sum sign without a letter sums over {names}")
            if any(index.name not in expr.written for index in over):
                self.assumed = f"the sum sign without a letter sums over every entry ({names})"
            for index in reversed(over):
                body = Sum(index, body)
            return body
        children = expr.children
        return expr.with_children(tuple(self.summed(child, kept) for child in children)) if children else expr

    # -- sides ---------------------------------------------------------------------------------------------------

    def side(self, node: s.Node) -> Side:
        rule = getattr(self, f"_{type(node).__name__.lower()}", None)
        if rule is None:
            self.fail("this has no meaning here", node)
        try:
            found: Side = rule(node)
        except ShapeError as error:
            self.fail(str(error), node)
        return self.bounded(found, node)

    def bounded(self, side: Side, node: s.Node) -> Side:
        for expr in expressions_of(side):
            first = expr.factors[0] if isinstance(expr, Mul) else expr
            if isinstance(first, Number) and first.value.numerator.bit_length() + first.value.denominator.bit_length() > MAX_BITS:
                self.fail("the numbers here grow too large to be read", node)
        return side

    def scalar(self, node: s.Node) -> Expr:
        found = settled(self.side(node))
        if not isinstance(found, Expr):
            self.fail("one number is expected here, not an array", node)
        return found

    def _numeral(self, node: s.Numeral) -> Expr:
        scale = node.text.lower().partition("e")[2]
        if scale and abs(int(scale)) > MAX_SCALE:
            self.fail(f"powers of ten beyond {MAX_SCALE} are not read", node)
        if "." in node.text or scale:
            return Decimal(node.text.lower())
        return Number(Rational(node.text))

    def _percent(self, node: s.Percent) -> Side:
        self.notes.append("% is a hundredth")
        return mapped(self.side(node.value), lambda e: mul(Rational(1, 100), e))

    def _sums(self, node: s.Sums) -> Side:
        if any(isinstance(term, s.Dots) for _, term in node.terms):
            return self.dotted(node)
        total: Side | None = None
        terms: list[Expr] = []
        for sign, term in node.terms:
            side = self.side(term)
            side = mapped(side, neg) if sign < 0 else side
            if isinstance(side, Expr) and total is None:
                terms.append(side)
                continue
            if total is None and terms:
                total = add(*terms)
            total = side if total is None else entrywise(lambda a, b: add(a, b), total, side)
        return add(*terms) if total is None else total

    def dotted(self, node: s.Sums) -> Expr:
        """a_1 + a_2 + ... + a_n as a sum."""
        places = [k for k, (_, term) in enumerate(node.terms) if isinstance(term, s.Dots)]
        if len(places) != 1 or not 0 < places[0] == len(node.terms) - 2 or any(sign < 0 for sign, _ in node.terms):
            self.fail("dots are read between the first terms of a sum and its last one", node)
        before = [self.scalar(term) for _, term in node.terms[: places[0]]]
        last = self.scalar(node.terms[-1][1])
        try:
            template, start, end = filled(before, last)
        except NoPatternError:
            self.fail("the terms around the dots do not show what is left out", node.terms[places[0]][1])
        letter = fresh_name("k", self.taken | set(self.words.indices))
        self.taken.add(letter)
        return Sum(Index(letter, end, start), at(template, Index(letter, Hole(node.at))))

    def _product(self, node: s.Product) -> Side:
        factors, operators = self.applied(list(node.factors), list(node.operators))
        if any(isinstance(factor, s.Dots) for factor in factors):
            self.fail("products with dots are not read in this problem", node)
        result = self.side(factors[0])
        for operator, factor in zip(operators, factors[1:], strict=True):
            value = self.side(factor)
            if operator == "/":
                result = self.quotient(result, value, factor)
            else:
                result = product(result, value, operator)
        return result

    def quotient(self, top: Side, bottom: Side, node: s.Node) -> Side:
        bottom = settled(bottom)
        if bottom == ZERO:
            self.fail("division by zero", node)
        if not isinstance(bottom, Expr) and not (isinstance(bottom, Open) and bottom.implied):
            self.fail("one number is expected as a divisor, not an array", node)
        return entrywise(div, top, bottom)

    def applied(self, factors: list[s.Node], operators: list[s.Operator]) -> tuple[list[s.Node], list[s.Operator]]:
        r"""sigma(z) is a function where no sigma is named; E(w) is E; x_k(i) has the index i."""
        out: list[s.Node] = [factors[0]]
        ops: list[s.Operator] = []
        for operator, factor in zip(operators, factors[1:], strict=True):
            last = out[-1]
            if operator == "" and isinstance(factor, s.Listed) and not factor.square:
                joined = self.joined(last, factor)
                if joined is not None:
                    out[-1] = joined
                    continue
            out.append(factor)
            ops.append(operator)
        return out, ops

    def joined(self, head: s.Node, inside: s.Listed) -> s.Node | None:
        if isinstance(head, s.Nabla) or (isinstance(head, s.Word) and self.is_loss(head)):
            named = all(isinstance(item, s.Word) for item in inside.items)
            return head if named else None
        if not isinstance(head, s.Word) or head.above or head.below:
            if isinstance(head, s.Word) and len(inside.items) == 1 and isinstance(inside.items[0], s.Word):
                item = inside.items[0]
                reference = self.names.reference(head, self.fits)
                if reference is not None and None in reference.places and self.is_letter(item) and not head.above:
                    return s.Word(head.at, head.base, head.accent, head.font, head.primes, head.below, (item,), True, head.stop)
            return None
        if head.base == "sigma" and not head.accent and len(inside.items) == 1 and not any(self.names.candidates(head)):
            return s.Call(head.at, "logistic", inside.items, head.primes)
        if head.base == "sigma" and not head.accent and head.primes and len(inside.items) == 1:
            return s.Call(head.at, "logistic", inside.items, head.primes)
        return None

    def is_loss(self, word: s.Word) -> bool:
        reference = self.names.reference(word, self.fits) if not word.below and not word.above else None
        return reference is not None and reference.tensor == self.words.loss

    def is_letter(self, word: s.Word) -> bool:
        bare = not (word.below or word.above or word.accent or word.primes)
        return bare and (word.base in self.words.indices or self.bound(word.base) is not None)

    def _fraction(self, node: s.Fraction) -> Side:
        return self.quotient(self.side(node.top), self.side(node.bottom), node.bottom)

    def _raised(self, node: s.Raised) -> Side:
        if isinstance(node.base, s.Call) and node.base.name == "norm" and _is_two(node.exponent):
            return squared_norm(self.side(node.base.arguments[0]))
        return self.to_power(self.side(node.base), node.exponent, node)

    def to_power(self, base: Side, exponent: s.Node, node: s.Node) -> Side:
        if isinstance(exponent, s.Word) and exponent.base in ("*", "circ"):
            self.fail("this exponent is not read", exponent)
        e = self.scalar(exponent)
        e = exactly(e)
        if isinstance(e, Number):
            if abs(e.value) > MAX_EXPONENT and not isinstance(base, Expr):
                self.fail(f"exponents beyond {MAX_EXPONENT} are not read", exponent)
            if isinstance(base, Open) and not base.implied and e.value not in (1,) and base.columns:
                self.fail("powers of matrices are not read", node)
        if base == ZERO and isinstance(e, Number) and e.value <= 0:
            self.fail("zero to this power is not defined", node)
        if isinstance(base, Number) and isinstance(e, Number) and e.value.denominator == 1 and abs(e.value) <= 64:
            bits = base.value.numerator.bit_length() + base.value.denominator.bit_length()
            if bits * abs(e.value) > 2 * MAX_BITS:
                self.fail("the numbers here grow too large to be read", node)
        return mapped(base, lambda b: power(b, e))

    def _transposed(self, node: s.Transposed) -> Side:
        inside = self.side(node.base)
        if isinstance(inside, Expr) and not isinstance(node.base, s.Word | s.Listed | s.Grid):
            return inside
        return transposed(inside)

    def _root(self, node: s.Root) -> Side:
        inside = self.side(node.inside)
        if node.degree == 2:
            return mapped(inside, sqrt)
        return mapped(inside, lambda e: power(e, Rational(1, node.degree)))

    def _call(self, node: s.Call) -> Side:
        if node.name in ("max", "min"):
            return self.extreme(node)
        if len(node.arguments) != 1:
            self.fail(f"{node.name} takes 1 argument, not {len(node.arguments)}", node)
        inside = self.side(node.arguments[0])
        if node.name == "diag":
            return diagonal(inside)
        if node.name == "norm":
            return sqrt(squared_norm(inside))
        if node.name == "sqrt":
            return mapped(inside, sqrt)
        if node.name not in ("exp", "log", "tanh", "logistic", "relu", "step", "abs", "sinh", "cosh"):
            self.fail(f"the function {node.name} is not read in this problem", node)
        if node.primes:
            return self.slope(node, inside)
        return mapped(inside, lambda e: Function(node.name, (e,)))

    def slope(self, node: s.Call, inside: Side) -> Side:
        rule = SLOPES.get(node.name)
        if rule is None or node.primes > 1:
            self.fail(f"the derivative of {node.name} is not read; write it out", node)
        return mapped(inside, lambda e: rule(Function(node.name, (e,))))

    def extreme(self, node: s.Call) -> Side:
        """max(0, z) is relu(z)."""
        items = node.arguments
        if node.name == "max" and len(items) == 2:
            one, other = (settled(self.side(item)) for item in items)
            if one == ZERO:
                return mapped(other, lambda e: Function("relu", (e,)))
            if other == ZERO:
                return mapped(one, lambda e: Function("relu", (e,)))
        self.fail(f"of {node.name}, only max(0, z) is read", node)

    # -- arrays --------------------------------------------------------------------------------------------------

    def _listed(self, node: s.Listed) -> Side:
        if len(node.items) == 1 and not node.square:
            return self.side(node.items[0])
        if any(isinstance(item, s.Dots) for item in node.items):
            return self.dotted_list(node)
        return Table((tuple(self.scalar(item) for item in node.items),), vector=True)

    def dotted_list(self, node: s.Listed) -> Side:
        """(a_1, ..., a_4, b_1, ..., b_4); or (a_1, ..., a_m) by its general entry."""
        out: list[Expr] = []
        items = list(node.items)
        at_ = 0
        while at_ < len(items):
            item = items[at_]
            if not isinstance(item, s.Dots):
                out.append(self.scalar(item))
                at_ += 1
                continue
            if at_ + 1 >= len(items) or not out:
                self.fail("dots in a list stand between its entries", item)
            last = self.scalar(items[at_ + 1])
            symbolic = at_ + 2 == len(items)
            try:
                run = _run_before(out, last)
                template, start, end = filled(run, last)
                if symbolic and not isinstance(end, Number) and len(run) == len(out):
                    letter = fresh_name("k", self.taken | set(self.words.indices))
                    index = Index(letter, end, start)
                    entry = at(template, index)
                    return Open((index,), (), entry, implied=False)
                out = out[: len(out) - len(run)] + spelled_out(run, last, MAX_ENTRIES)
            except NoPatternError:
                self.fail("the entries around the dots do not show what is left out", item)
            at_ += 2
        return Table((tuple(out),), vector=True)

    def _grid(self, node: s.Grid) -> Side:
        if len({len(row) for row in node.rows}) != 1:
            self.fail("the rows of the matrix have different lengths", node)
        if sum(map(len, node.rows)) > MAX_ENTRIES:
            self.fail(f"a matrix of more than {MAX_ENTRIES} entries", node)
        return Table(tuple(tuple(self.scalar(item) for item in row) for row in node.rows))

    def _dots(self, node: s.Dots) -> Side:
        self.fail("dots are read in sums and lists, between their first entries and the last", node)

    # -- conditions ----------------------------------------------------------------------------------------------

    def _indicator(self, node: s.Indicator) -> Expr:
        return self.condition(node.condition)

    def condition(self, node: s.Condition) -> Expr:
        """1 where it holds, else 0: a bracket on whole numbers, a step on real ones."""
        left, right = exactly(self.scalar(node.left)), exactly(self.scalar(node.right))
        if all(map(_is_whole, (left, right))):
            match node.relation:
                case "|":
                    return Bracket("divides", left, right)
                case "=" | "!=" | "<" | "<=":
                    return Bracket(node.relation, left, right)
                case ">" | ">=":
                    return Bracket("<" if node.relation == ">" else "<=", right, left)
        match node.relation:
            case ">":
                return Function("step", (left - right,))
            case "<":
                return Function("step", (right - left,))
            case ">=":
                return 1 - Function("step", (right - left,))
            case "<=":
                return 1 - Function("step", (left - right,))
        return self.fail("a condition on real numbers is written with < or >", node)

    def _cases(self, node: s.Cases) -> Expr:
        terms: list[Expr] = []
        rest: Expr = ONE
        for place, (value, condition) in enumerate(node.arms):
            if condition is None:
                if place != len(node.arms) - 1:
                    self.fail("'otherwise' is the last of the cases", value)
                terms.append(mul(rest, self.scalar(value)))
                continue
            holds = self.condition(condition)
            if place and not _disjoint(node.arms[place - 1][1], condition):
                self.fail("cases that may overlap are not read; end with 'otherwise'", value)
            terms.append(mul(holds, self.scalar(value)))
            rest = mul(rest, 1 - holds)
        return add(*terms)

    # -- sums ----------------------------------------------------------------------------------------------------

    def _big(self, node: s.Big) -> Side:
        if node.kind == "prod":
            self.fail("products over an index are not read in this problem", node)
        if not node.letters:
            body = settled(self.side(node.body))
            written = frozenset(_letters_written(node.body))
            return mapped(body, lambda e: Bare(e, node.at, written))
        lower = exactly(self.scalar(node.lower)) if node.lower is not None else None
        upper = exactly(self.scalar(node.upper)) if node.upper is not None else None
        for letter in node.letters:
            if self.names_tensor(letter):
                self.fail(f"'{letter}' is a name in {self.words.place}; sum over a letter of its own", node)
        self.scope.append({letter: (lower, upper) for letter in node.letters})
        body = self.side(node.body)
        for letter, other in node.but:
            excluded = Bracket("!=", Index(letter, Hole(node.at)), self.scalar(other))
            body = mapped(body, lambda e, excluded=excluded: mul(excluded, e))
        self.scope.pop()
        for letter in reversed(node.letters):
            index = Index(letter, Hole(node.at)) if upper is None else Index(letter, upper, lower or ONE)
            body = mapped(body, lambda e, index=index: Sum(index, e))
        return body

    def names_tensor(self, letter: str) -> bool:
        return any(not tensor.axes for tensor in self.names.table.get((letter, "", 0), []))

    def bound(self, letter: str) -> tuple[Expr | None, Expr | None] | None:
        return next((ends[letter] for ends in reversed(self.scope) if letter in ends), None)

    def fits(self, letter: str, axis: Index) -> bool:
        """May a letter read this axis, going by the range that its sum gives it?"""
        ends = self.bound(letter)
        return ends is not None and ends[1] == axis.upper and (ends[0] or ONE) == axis.lower

    # -- names ---------------------------------------------------------------------------------------------------

    def _word(self, node: s.Word) -> Side:
        bare = not (node.below or node.accent or node.primes)
        if bare and not node.above and self.bound(node.base) is not None:
            return Index(node.base, Hole(node.at))
        if bare and node.above and self.bound(node.base) is not None:
            return self.to_power(Index(node.base, Hole(node.at)), _exponent(node), node)
        reference = self.names.reference(node, self.fits)
        if reference is not None and not (node.base == "e" and node.above and _is_expression(reference)):
            return self.read(reference, node)
        if bare and node.above and node.base == "e":
            return mapped(self.side(_exponent(node)), lambda e: Function("exp", (e,)))
        tensor = self.names.flattened(node)
        if tensor is not None:
            self.notes.append(f"{describe(node)} has the entries of {tensor.key} row by row")
            whole = self.read(Reference(tensor, (None,) * len(tensor.axes)), node)
            assert isinstance(whole, Open)
            return Open(whole.axes, (), whole.entry, implied=False)
        if node.base == "delta" and not node.accent and len(split(node.below)) == 2:
            left, right = (self.scalar(item) for item in split(node.below))
            return Bracket("=", left, right)
        if bare and len(node.base) == 1:
            letter = Index(node.base, Hole(node.at))
            return self.to_power(letter, _exponent(node), node) if node.above else letter
        return self.unknown(node)

    def unknown(self, node: s.Word) -> NoReturn:
        known = [describe(word) for word in self.known()]
        close = [t for (base, accent, _), ts in self.names.table.items() for t in ts
                 if base in (node.base, node.base.swapcase()) and accent == node.accent]  # fmt: skip
        if close:
            tensor = close[0]
            axes = ", ".join(axis.name for axis in tensor.axes)
            wanted = f"{tensor.key}[{axes}]" if axes else tensor.key
            self.fail(f"the scripts of '{describe(node)}' do not fit {wanted}", node)
        self.fail(f"'{describe(node)}' is not a name in {self.words.place}{did_you_mean(describe(node), known)}", node)

    def known(self) -> list[s.Word]:
        return [s.Word(0, base, accent, "", primes) for base, accent, primes in self.names.table]

    def read(self, reference: Reference, node: s.Word) -> Side:
        """An entry; an array over the axes whose index is left open or left out; and a power of it."""
        indices, opened = self.places(reference, node)
        entry = Read(reference.tensor, indices)
        side = self.opened(entry, reference, opened)
        if reference.power:
            return self.to_power(side, _exponent(node), node)
        return side

    def opened(self, entry: Expr, reference: Reference, opened: dict[int, Index]) -> Side:
        if not opened:
            return entry
        rows_end = axes_rows(reference.tensor)
        rows = tuple(index for place, index in opened.items() if place < rows_end)
        columns = tuple(index for place, index in opened.items() if place >= rows_end)
        colons = any(isinstance(place, s.Colon) for place in reference.places)
        whole = len(opened) == len(reference.tensor.axes) and len(opened) > 1
        return Open(rows, columns, entry, implied=not colons and not whole)

    def places(self, reference: Reference, node: s.Word) -> tuple[tuple[Expr, ...], dict[int, Index]]:
        axes = reference.tensor.axes
        if reference.grouped:
            return self.grouped(reference, node)
        indices: list[Expr] = []
        opened: dict[int, Index] = {}
        for place, (axis, given) in enumerate(zip(axes, reference.places, strict=True)):
            if given is None or (isinstance(given, s.Colon) and given.lower is None):
                index = axis.renamed(self.left_out(axis, opened))
                opened[place] = index
                indices.append(index)
            elif isinstance(given, s.Colon):
                self.fail("spans of an index are not read in this problem", given)
            else:
                indices.append(self.subscript(given, reference.tensor, axis))
        return tuple(indices), opened

    def subscript(self, node: s.Node, tensor: Tensor, axis: Index) -> Expr:
        found = exactly(self.scalar(node))
        if isinstance(self.program, Recurrence):
            found = rewrite(found, self.counted_by)
        if isinstance(found, Number) and found.value.denominator != 1:
            self.fail(f"an index of {tensor.key} is a whole number", node)
        if isinstance(found, Number) and isinstance(axis.lower, Number) and found.value < axis.lower.value:
            if found.value < 0 or axis.lower.value >= 0:
                self.fail(f"the entries of {tensor.key} begin at {axis.lower.value}", node)
        return found

    def counted_by(self, node: Expr) -> Expr | None:
        """The number of steps as a superscript counts the steps, as any other letter there does."""
        assert isinstance(self.program, Recurrence)
        counts = isinstance(node, Index) or (isinstance(node, Read) and isinstance(node.tensor.domain, Integers))
        return self.program.counter if counts else None

    def left_out(self, axis: Index, opened: dict[int, Index]) -> str:
        """The letter of an axis whose index is left out; another one where a sum uses it."""
        used = {index.name for index in opened.values()}
        if axis.name in self.taken or axis.name in used:
            return fresh_name(axis.name, self.taken | used | set(self.words.indices))
        return axis.name

    def grouped(self, reference: Reference, node: s.Word) -> tuple[tuple[Expr, ...], dict[int, Index]]:
        """Row and column of a matrix whose rows are numbered through several axes."""
        tensor, rows_end = reference.tensor, axes_rows(reference.tensor)
        indices: list[Expr] = []
        opened: dict[int, Index] = {}
        for given, axes, start in zip(
            reference.places, (tensor.axes[:rows_end], tensor.axes[rows_end:]), (0, rows_end), strict=True
        ):
            assert given is not None
            if isinstance(given, s.Colon) and given.lower is None:
                for place, axis in enumerate(axes, start=start):
                    opened[place] = axis.renamed(self.left_out(axis, opened))
                    indices.append(opened[place])
                continue
            number = self.scalar(given)
            if not isinstance(number, Number) or number.value.denominator != 1 or number.value < 1:
                self.fail(f"a row or column of {tensor.key} is counted 1, 2, ...", given)
            indices.extend(Counted(number.value.numerator, place, axes) for place in range(len(axes)))
            self.counted = True
        return tuple(indices), opened

    # -- derivatives ---------------------------------------------------------------------------------------------

    def _derivative(self, node: s.Derivative) -> Side:
        of, by = self.variable(node.of), self.variable(node.by)
        loss = self.words.loss
        by_indices, by_open = self.places(by, _word_of(node.by))
        if of.tensor == loss:
            if by.tensor == loss or isinstance(by.tensor.domain, Integers) or loss is None:
                self.fail(f"there is no derivative by {by.tensor.key}", node.by)
            target = d(loss, by.tensor)
            side = self.opened(Read(target, by_indices), Reference(by.tensor, by.places), by_open)
            return self.flat_or_not(side, node.by)
        of_indices, of_open = self.places(of, _word_of(node.of))
        problem = self.words.problem
        held = problem.held(of.tensor, by.tensor) if problem is not None and not node.straight else ()
        entry = Direct(Read(of.tensor, of_indices), Read(by.tensor, by_indices), held)
        rows, columns = tuple(of_open.values()), tuple(by_open.values())
        if not rows and not columns:
            return entry
        return Open(rows, columns, entry, implied=True)

    def flat_or_not(self, side: Side, by: s.Node) -> Side:
        word = _word_of(by)
        if isinstance(side, Open) and self.names.reference(word, self.fits) is None:
            return Open(side.axes, (), side.entry, implied=False)
        return side

    def variable(self, node: s.Node) -> Reference:
        word = _word_of(node)
        if word is None:
            self.fail("a derivative is taken of a name by a name", node)
        reference = self.names.reference(word, self.fits)
        if reference is None and (tensor := self.names.flattened(word)) is not None:
            self.notes.append(f"{describe(word)} has the entries of {tensor.key} row by row")
            reference = Reference(tensor, (None,) * len(tensor.axes))
        if reference is None:
            self.unknown(word)
        if reference.power:
            self.fail("a derivative is taken of a name by a name, not of a power", node)
        return reference

    def _nabla(self, node: s.Nabla) -> Side:
        of = self.variable(node.of)
        loss = self.words.loss
        if of.tensor != loss or loss is None:
            self.fail("a gradient is taken of the loss", node)
        by = self.variable(node.by) if node.by is not None else self.only_gradient(node)
        opened_word = s.Word(node.at, "")
        indices, opened = self.places(by, opened_word)
        return self.opened(Read(d(loss, by.tensor), indices), Reference(by.tensor, by.places), opened)

    def only_gradient(self, node: s.Nabla) -> Reference:
        tensors = {tensor.key: tensor for tensor in self.names.asked.values()}
        if len(tensors) != 1:
            self.fail("say what the gradient is taken by, as in \\nabla_w", node)
        (key,) = tensors
        by = next(t for t in self.words.names.values() if d(self.words.loss, t).key == key) if self.words.loss else None
        assert by is not None
        return Reference(by, (None,) * len(by.axes))


class Bare(Expr, frozen=True, cache_hash=True):
    """A sum sign without a letter; `written` are the letters that stand in it."""

    __match_args__ = ("body",)
    body: Expr
    at: int
    written: frozenset[str]

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body,)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Bare(children[0], self.at, self.written)


class Counted(Expr, frozen=True, cache_hash=True):
    """The index along one of several axes of the row that is counted as `number`; sizes are needed to tell it."""

    number: int
    place: int
    axes: tuple[Index, ...]


def exactly(expr: Expr) -> Expr:
    """Decimals as the fractions that they spell."""
    if isinstance(expr, Decimal):
        return Number(Rational(expr.text))
    children = expr.children
    if not children:
        return expr
    changed = tuple(map(exactly, children))
    if changed == children:
        return expr
    if isinstance(expr, Add):
        return add(*changed)
    if isinstance(expr, Mul):
        return mul(*changed)
    return expr.with_children(changed)


def _word_of(node: s.Node) -> s.Word | None:  # type: ignore[return]
    if isinstance(node, s.Word):
        return node
    if isinstance(node, s.Listed) and len(node.items) == 1:
        return _word_of(node.items[0])
    return None


def _exponent(word: s.Word) -> s.Node:
    return word.above[0] if len(word.above) == 1 else s.Listed(word.at, word.above)


def _is_expression(reference: Reference) -> bool:
    """Is the power one that e, rather than a quantity of that name, is raised to?"""
    return bool(reference.power) and not all(isinstance(node, s.Numeral) for node in reference.power)


def _is_two(node: s.Node) -> bool:
    return isinstance(node, s.Numeral) and node.text == "2"


def _is_whole(expr: Expr) -> bool:
    """Made of indices, sizes and numbers alone."""
    for node in walk(expr):
        if isinstance(node, Read) and not isinstance(node.tensor.domain, Integers):
            return False
        if isinstance(node, Function | Sum | Direct):
            return False
    return True


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _disjoint(one: s.Condition | None, other: s.Condition) -> bool:
    if one is None:
        return False
    same = _bare(one.left) == _bare(other.left) and _bare(one.right) == _bare(other.right)
    return same and _OPPOSITE.get(one.relation) == other.relation


def _bare(node: object) -> object:
    """The node without its columns."""
    if isinstance(node, s.Node):
        fields = {name: getattr(node, name) for name in node.__struct_fields__ if name not in ("at", "stop")}
        return (type(node).__name__, tuple((name, _bare(value)) for name, value in fields.items()))
    if isinstance(node, tuple):
        return tuple(map(_bare, node))
    return node


def nodes_in(node: object) -> list[s.Node]:
    """Every surface node under one."""
    found: list[s.Node] = []
    stack: list[object] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, s.Node):
            found.append(one)
            stack.extend(getattr(one, name) for name in one.__struct_fields__)
        elif isinstance(one, tuple):
            stack.extend(one)
    return found


def letters_bound(node: s.Node) -> set[str]:
    return {letter for one in nodes_in(node) if isinstance(one, s.Big) for letter in one.letters}


def _letters_written(node: s.Node) -> set[str]:
    """Single letters that stand as scripts."""
    found: set[str] = set()
    for one in nodes_in(node):
        if isinstance(one, s.Word):
            for script in (*split(one.below), *split(one.above)):
                found |= {n.base for n in nodes_in(script) if isinstance(n, s.Word)}
    return found


def _letters_outside(side: Side) -> set[str]:
    """Letters that stay free on a side, whatever its bare sums take."""
    found: set[str] = set()
    for expr in expressions_of(side):
        found |= _written_outside(expr)
    return found


def _written_outside(expr: Expr) -> set[str]:
    if isinstance(expr, Bare):
        return set()
    if not any(isinstance(node, Bare) for node in walk(expr)):
        return set(free_indices(expr))
    return set().union(*(_written_outside(child) for child in expr.children)) if expr.children else set()


def _run_before(out: list[Expr], last: Expr) -> list[Expr]:
    """The longest end of the entries so far that leads to `last` in one pattern."""
    for length in range(min(len(out), 3), 0, -1):
        try:
            filled(out[-length:], last)
        except NoPatternError:
            continue
        return out[-length:]
    raise NoPatternError


def elaborated(text: str, names: Names, spelled: tuple[s.Spelled, ...]) -> Statement:
    """The statement that surface nodes make in a vocabulary. Raises AnswerError where they do not."""
    elaborator = Elaborator(text, names, spelled)
    return Statement(text, tuple(elaborator.chain(one) for one in spelled))
