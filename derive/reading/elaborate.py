"""Surface nodes into expressions in the names of a vocabulary: every name looked up, every script given its meaning."""

from __future__ import annotations

from fractions import Fraction as Rational
from functools import partial, reduce

from msgspec.structs import replace

from derive.algebra.binding import fresh_name, substitute
from derive.errors import AnswerError, MisfitError
from derive.language.deep import DeepNetwork
from derive.language.expression import (
    ONE,
    ZERO,
    Decimal,
    Direct,
    Expr,
    Index,
    Mul,
    Number,
    Sum,
    add,
    div,
    expression,
    mul,
    neg,
    power,
    sqrt,
    tensors_in,
    walk,
)
from derive.language.matrices import MatrixExpr
from derive.language.plain import plain
from derive.language.question import Chain as Jacobians
from derive.language.recurrence import Recurrence
from derive.language.statement import Chain, Open, Relation, Side, Statement, Table, expressions_of
from derive.reading import surface as s
from derive.reading.applying import Applying
from derive.reading.arrays import (
    Misfit,
    ShapeError,
    Unsized,
    entries_first,
    entrywise,
    is_certain,
    is_row,
    lengths,
    mapped,
    ones,
    product,
    settled,
    shape_of,
    squared_norm,
    transposed,
)
from derive.reading.dots import NoPatternError, at, filled
from derive.reading.levels import as_matrix, opened, products
from derive.reading.pending import exactly
from derive.reading.references import Names, split
from derive.reading.scope import Hole
from derive.reading.trees import beside_a_slash, is_two, letters_bound, letters_of, letters_written

MAX_BITS = 4096
MAX_EXPONENT = 64
MAX_SCALE = 100


GRADIENTS_ARE_ROWS = "where gradients are rows"


class Elaborator(Applying):
    """Sides, sums, products, powers, functions and arrays."""

    def chain(self, one: s.Spelled) -> Chain:
        self.notes, self.assumed, self.ranges, self.layers = [], "", (), None
        self.misfits, self.clashes, self.loose = [], [], {}
        self.recounted, self.rows_first = False, False
        self.counting = {}
        self.names.layers.clear()
        if len(one.links) == 1 and one.links[0].relation == ":" and isinstance(one.sides[1], s.Listed):
            return self.membership(one, one.sides[1])
        sides = self.one_by_one(self.with_lengths([settled(self.side(node)) for node in one.sides], one.sides))
        holds = self.restrictions(one.where)
        sides = [reduce(partial(entrywise, mul), holds, side) for side in sides]
        relations: list[Relation] = []
        for link in one.links:
            if link.relation == ":" or link.relation == "|":
                message = "shapes are not read in this problem" if link.relation == ":" else "'|' has no place here"
                raise AnswerError(message, self.text, link.at)
            relations.append(link.relation)
        self.check_loose(one, sides)
        self.check_letters(one, sides)
        if isinstance(self.program, Recurrence):
            renamed: dict[str, Expr] = dict.fromkeys(self.counting, self.program.counter)
            sides = [mapped(side, partial(substitute, values=renamed)) for side in sides]
        sides = self.with_sums(self.with_ranges(sides))
        if isinstance(self.program, Recurrence) and self.recounted:
            sides = [mapped(side, partial(self.recount, self.program.counter)) for side in sides]
        texts = tuple(self.text[start:stop].strip() for start, stop in one.spans)
        notes = tuple(dict.fromkeys(self.notes))
        misfit = (*self.misfits[0].said(), self.misfits[0].sizes()) if self.misfits else None
        return Chain(
            tuple(sides),
            tuple(relations),
            texts,
            notes,
            one.term,
            self.assumed,
            self.ranges,
            self.layers,
            misfit,
            tuple((one.letter, one.ends) for one in self.clashes),
            fitting=GRADIENTS_ARE_ROWS if self.rows_first and self.has_columns() else "",
        )

    def recount(self, counter: Index, expr: Expr) -> Expr:
        """The letter of the problem for the number of steps, in the ends of sums and in exponents too."""
        if self.is_steps(expr):
            return counter
        if isinstance(expr, Sum):
            ends = (self.recount(counter, end) for end in (expr.index.upper, expr.index.lower))
            index = Index(expr.index.name, *ends)
            return Sum(index, substitute(self.recount(counter, expr.body), {index.name: index}))
        children = expr.children
        return expr.with_children(tuple(self.recount(counter, one) for one in children)) if children else expr

    def check_loose(self, one: s.Spelled, sides: list[Side]) -> None:
        """A letter that is no name and no index says something that is lost where it is multiplied by zero."""
        written = set().union(*map(letters_written, one.sides), *map(letters_of, one.where))
        nodes = [node for side in sides for expr in expressions_of(side) for node in walk(expr)]
        kept = {node.name for node in nodes if isinstance(node, Index)}
        for letter, node in self.loose.items():
            if letter not in written | kept and letter not in self.words.indices:
                self.fail(f"'{letter}' is not a name in {self.words.place}, nor an index: it reads no axis", node)

    def check_letters(self, one: s.Spelled, sides: list[Side]) -> None:
        """Every letter for a layer, or for a step, stands for one and the same, which is any."""
        bound = set().union(*map(letters_bound, one.sides))
        if isinstance(self.program, DeepNetwork) and self.names.layers:  # i may stand as a number besides
            keys = {key for side in sides for expr in expressions_of(side) for key in tensors_in(expr)}
            for own in {self.program.layer.letter} & keys:
                self.names.layers.setdefault(own, one.spans[0][0])
        for letter, column in self.names.layers.items():
            if letter in bound:
                message = "a sum or a product over layers is not read; write its factors, with dots"
                raise AnswerError(message, self.text, column)
        for letters, what in ((self.names.layers, "number a layer"), (self.counting, "count the steps")):
            if len(letters) > 1:
                (first, _), (letter, column), *_ = letters.items()
                message = f"{first} and {letter} both {what}; what is said of any two of them is not read"
                raise AnswerError(message, self.text, column)

    def has_columns(self) -> bool:
        """Is it a network whose gradients are asked for, and not products of Jacobians, in which they are rows?"""
        problem = self.words.problem
        if problem is None or not isinstance(self.program, DeepNetwork):
            return False
        return not any(isinstance(one.wants, Jacobians) for one in problem.questions)

    def membership(self, one: s.Spelled, shape: s.Listed) -> Chain:
        """A in R^{n x m} as (rows of A, columns of A) = (n, m)."""
        side = settled(self.side(one.sides[0]))
        if isinstance(side, Table):
            self.fail("of arrays that are written out, the shape is not read", one.sides[0])
        said = tuple(exactly(self.scalar(item)) for item in shape.items)
        found = lengths(side, len(said))
        if found is None:
            axes = shape_of(side) if isinstance(side, Open) else "one number"
            sizes = tuple(tensors_in(mul(*(axis.extent for axis in (side.axes if isinstance(side, Open) else ())))))
            right = "×".join(map(plain, said)) or "one number"
            raise MisfitError("the shapes differ", self.text, shape.at, axes, right, sizes)
        texts = tuple(self.text[start:stop].strip() for start, stop in one.spans)
        sides = (Table((found,), vector=True), Table((said,), vector=True)) if said else (ONE, ONE)
        return Chain(sides, ("=",), texts, tuple(dict.fromkeys(self.notes)))

    def side(self, node: s.Node) -> Side:
        rule = getattr(self, f"_{type(node).__name__.lower()}", None)
        if rule is None:
            self.fail("this has no meaning here", node)
        try:
            found: Side = rule(node)
        except ShapeError as error:
            if error.misfit is not None:
                raise MisfitError(str(error), self.text, node.at, *error.misfit.said(), error.misfit.sizes()) from None
            self.fail(str(error), node)
        return self.bounded(found, node)

    def _limit(self, node: s.Limit) -> Side:
        self.fail(
            r"a limit is read as one side of an equation with a number, as in \lim_{x \to \infty} \tanh x = 1", node
        )

    def bounded(self, side: Side, node: s.Node) -> Side:
        for expr in expressions_of(side):
            first = expr.factors[0] if isinstance(expr, Mul) else expr
            if (
                isinstance(first, Number)
                and first.value.numerator.bit_length() + first.value.denominator.bit_length() > MAX_BITS
            ):
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
        return expression(int(node.text))

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
        if self.slash != "one":
            factors, operators = beside_a_slash(factors, operators, self.slash)
        if any(isinstance(factor, s.Dots) for factor in factors):
            return self.over_layers(factors, node)
        sides = [self.side(factor) for factor in factors]
        if "odot" in operators and len(sides) > 2:
            return self.either_way(sides, operators, factors)
        return self.multiplied(sides, operators, factors)

    def either_way(self, sides: list[Side], operators: list[s.Operator], factors: list[s.Node]) -> Side:
        """A u ⊙ v is (A u) ⊙ v, or A (u ⊙ v) where only that fits."""
        before, error, found = len(self.misfits), None, None
        try:
            found = self.multiplied(sides, operators, factors)
        except ShapeError as one:
            error = one
        kept = self.misfits[before:]
        if found is not None and not kept:
            return found
        del self.misfits[before:]
        try:
            other = self.multiplied(*entries_first(sides, operators, factors))
        except ShapeError:
            other = None
        if other is not None and len(self.misfits) == before:
            self.notes.append("⊙ is taken before the products of matrices")
            return other
        self.misfits[before:] = kept
        if found is None:
            assert error is not None
            raise error
        return found

    def multiplied(self, sides: list[Side], operators: list[s.Operator], factors: list[s.Node]) -> Side:
        """From left to right."""
        result = sides[0]
        for operator, value, factor in zip(operators, sides[1:], factors[1:], strict=True):
            divides = operator == "/"
            if isinstance(result, Open) and isinstance(value, Open) and not (divides or operator == "odot"):
                self.rows_first = self.rows_first or (
                    not result.columns and not isinstance(value.entry, Direct) and is_row(result, value)
                )
            result = self.quotient(result, value, factor) if divides else product(result, value, operator, self.misfits)
        return result

    def over_layers(self, factors: list[s.Node], node: s.Product) -> Side:
        """A_L D_{L-1} A_{L-1} ... A_{i+1} D_i as a product over the layers."""
        places = [k for k, factor in enumerate(factors) if isinstance(factor, s.Dots)]
        if not isinstance(self.program, DeepNetwork):
            self.fail("products with dots are not read in this problem", node)
        if len(places) != 1 or not 0 < places[0] < len(factors) - 1:
            self.fail("dots are read once in a product, between factors", node)
        sides = [self.side(factor) for factor in factors if not isinstance(factor, s.Dots)]
        matrices = [as_matrix(settled(side)) for side in sides]
        wrong = next((k for k, matrix in enumerate(matrices) if matrix is None), None)
        if wrong is not None and wrong in (places[0] - 1, places[0]):
            self.fail("beside dots, matrices, their transposes and diag(..) are read", node)
        before, after = self.known_near(matrices, places[0])
        found = products(before, after, self.program)
        if len(found) != 1:
            said = "allow two readings" if found else "do not show what is left out"
            self.fail(f"the factors around the dots {said}", factors[places[0]])
        first = places[0] - len(before) + found[0].lead
        run = opened(found[0].run, self.taken)
        result: Side | None = None
        try:
            for side in (*sides[:first], run, *sides[places[0] + found[0].used :]):
                result = side if result is None else product(result, side)
        except ShapeError as error:  # what the dots stand for may be meant otherwise
            self.fail(str(error), node)
        assert result is not None
        return result

    @staticmethod
    def known_near(matrices: list[MatrixExpr | None], place: int) -> tuple[list[MatrixExpr], list[MatrixExpr]]:
        """The factors that stand next to the dots without anything else between."""
        before: list[MatrixExpr] = []
        after: list[MatrixExpr] = []
        for matrix in reversed(matrices[:place]):
            if matrix is None:
                break
            before.insert(0, matrix)
        for matrix in matrices[place:]:
            if matrix is None:
                break
            after.append(matrix)
        return before, after

    def _entry(self, node: s.Entry) -> Side:
        """[A B]_{rc}: the entry of an array at scripts in the order of its axes."""
        inside = settled(self.side(node.base))
        scripts = split(node.below)
        if not isinstance(inside, Open) or len(scripts) != len(inside.axes):
            self.fail("these scripts do not fit what stands in the parentheses", node)
        values = {axis.name: self.scalar(script) for axis, script in zip(inside.axes, scripts, strict=True)}
        return substitute(inside.entry, values)

    def quotient(self, top: Side, bottom: Side, node: s.Node) -> Side:
        bottom = settled(bottom)
        if bottom == ZERO:
            self.fail("division by zero", node)
        if not isinstance(bottom, Expr) and not (isinstance(bottom, Open) and bottom.implied):
            self.fail("one number is expected as a divisor, not an array", node)
        return entrywise(div, top, bottom)

    def _fraction(self, node: s.Fraction) -> Side:
        return self.quotient(self.side(node.top), self.side(node.bottom), node.bottom)

    def _raised(self, node: s.Raised) -> Side:
        if isinstance(node.base, s.Call) and node.base.name == "norm" and is_two(node.exponent):
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
                turned = transposed(base)
                assert isinstance(turned, Open)
                if is_certain(base, turned) and [a.extent for a in base.axes] != [a.extent for a in turned.axes]:
                    raise ShapeError("only a square matrix has powers", Misfit(base, turned))
                self.fail("powers of matrices are not read", node)
            if isinstance(base, Table):
                return self.repeated(base, e.value, node)
        if isinstance(base, Table):
            self.fail("a power of an array is not read", node)
        if base == ZERO and isinstance(e, Number) and e.value <= 0:
            self.fail("zero to this power is not defined", node)
        if isinstance(base, Number) and isinstance(e, Number) and e.value.denominator == 1 and abs(e.value) <= 64:
            bits = base.value.numerator.bit_length() + base.value.denominator.bit_length()
            if bits * abs(e.value) > 2 * MAX_BITS:
                self.fail("the numbers here grow too large to be read", node)
        return mapped(base, lambda b: power(b, e))

    def repeated(self, base: Table, times: Rational, node: s.Node) -> Side:
        """A matrix times itself."""
        if base.vector or len(base.rows) != len(base.rows[0]) or times.denominator != 1 or not 1 <= times <= 8:
            self.fail("of arrays, small whole powers of square matrices are read", node)
        result: Side = base
        for _ in range(int(times) - 1):
            result = product(result, base)
        return result

    def _transposed(self, node: s.Transposed) -> Side:
        if isinstance(node.base, s.Numeral) and node.base.text in ("1", "11"):  # 1^T x, 1 1^T
            first, second = (ones(Unsized(next(self.unsized)), self.taken) for _ in range(2))
            return transposed(first) if node.base.text == "1" else product(first, transposed(second))
        inside = self.side(node.base)
        if isinstance(inside, Expr) and not isinstance(node.base, s.Word | s.Listed | s.Grid):
            return inside
        return transposed(inside)

    def _root(self, node: s.Root) -> Side:
        inside = self.side(node.inside)
        if node.degree == 2:
            return mapped(inside, sqrt)
        return mapped(inside, lambda e: power(e, Rational(1, node.degree)))


def elaborated(text: str, names: Names, spelled: tuple[s.Spelled, ...], *, slash: s.Slash = "one") -> Statement:
    """The statement that surface nodes make in a vocabulary. Raises AnswerError where they do not."""
    elaborator = Elaborator(text, names, spelled)
    elaborator.slash = slash
    return Statement(text, tuple(replace(elaborator.chain(one), follows=one.follows) for one in spelled))
