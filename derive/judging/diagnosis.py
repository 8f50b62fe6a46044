"""Why a false link is false: a declared misconception, or the smallest edit that makes it true, proved."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from derive.algebra.binding import substitute
from derive.algebra.probe import Probe
from derive.errors import BudgetError, DeriveError, UnsupportedError
from derive.judging.decision import at_sizes
from derive.judging.derivatives import has_edges
from derive.judging.digits import should_be, slip
from derive.judging.edits import Edit, edits
from derive.judging.fixed import FixedSizes
from derive.judging.links import exact_pairs, is_concrete
from derive.judging.numbers import is_numeric, value_of
from derive.judging.pairs import Pair, paired
from derive.judging.show import SIGNS, shown_side
from derive.judging.slips import slips
from derive.judging.subject import Subject
from derive.judging.terms import explained
from derive.judging.trials import STEPS, AtPoints, trial, worked
from derive.language.expression import Add, Expr, Index, Mul, Read, add, free_indices, tensors_in
from derive.language.judgement import Finding
from derive.language.statement import Open, Relation, Side, Table
from derive.reading.pending import exactly

MAX_FINDINGS = 2
SLIP_STEPS = 3_500  # of evaluation, for changes that depend on the names of the problem
PROOFS = 6  # that are tried of candidates that no point tells from the truth
MAX_ENTRIES_TOLD = 6


class FalseLink(Struct, frozen=True):
    """A false link: its sides as typed, and the pairs that they make."""

    left: Side
    right: Side
    relation: Relation
    pairs: tuple[Pair, ...]
    where: dict[str, int] = {}


def diagnosed(subject: Subject, wrong: FalseLink, fixed: FixedSizes) -> tuple[Finding, ...]:
    """Up to two findings; none where no small edit is found."""
    try:
        if any(isinstance(side, Table) for side in (wrong.left, wrong.right)) or all(
            is_numeric(pair.left) or is_numeric(pair.right) for pair in wrong.pairs
        ):
            return entries(subject, wrong, fixed)[:MAX_ENTRIES_TOLD]
        return (*misconceptions(subject, wrong), *formula(subject, wrong, fixed))[:MAX_FINDINGS]
    except (BudgetError, UnsupportedError, ArithmeticError, KeyError):
        return ()


# -- numbers and tables --------------------------------------------------------------------------------------------


def entries(subject: Subject, wrong: FalseLink, fixed: FixedSizes) -> tuple[Finding, ...]:
    """Each wrong entry, with the right one."""
    found: list[Finding] = []
    for pair in wrong.pairs:
        place = f"entry {', '.join(map(str, pair.place))}" if pair.place else ""
        one = entry(subject, pair, place, wrong.where, fixed)
        if one is not None:
            found.append(one)
    return tuple(found)


def entry(subject: Subject, pair: Pair, place: str, where: dict[str, int], fixed: FixedSizes) -> Finding | None:
    if not (is_numeric(pair.left) or is_numeric(pair.right)):
        return _symbolic_entry(subject, pair, place, fixed)
    typed, other, side = (pair.right, pair.left, "right") if is_numeric(pair.right) else (pair.left, pair.right, "left")
    if place:
        side = ""
    elif where:
        place = "at " + ", ".join(f"{name} = {value}" for name, value in where.items())
    try:
        true, said = value_of(other, subject, where), value_of(typed, None, {})
    except (DeriveError, ArithmeticError, KeyError):
        return None
    if true.fraction is None or said.fraction is None:
        if not true.differs(said):
            return None
        return Finding("value", should_be(f"{place}: " if place else "", side, str(said), str(true)), str(true))
    return slip(true.fraction, said.fraction, place, side) if true.fraction != said.fraction else None


def _symbolic_entry(subject: Subject, pair: Pair, place: str, fixed: FixedSizes) -> Finding | None:
    """The entry of a matrix in letters: what it should be."""
    if at_sizes(subject, [pair], fixed).truth is not False:
        return None
    from derive.rendering.formula import latex

    right = fixed.at(pair.left, {}, _derived(subject, pair))
    kind = "index" if isinstance(pair.right, Read) and isinstance(right, Read) else "entry"
    return Finding(kind, f"{place}: {latex(pair.right)} should be {latex(right)}", latex(right))


def _derived(subject: Subject, pair: Pair) -> frozenset[str]:
    """Names to put in so that the left side is written as the right one is: derivatives, shorthands, its own."""
    known = subject.definitions
    own = {key for key in tensors_in(pair.left) if key in known} - tensors_in(pair.right).keys()
    shorthands = {equation.tensor.key for equation in subject.problem.shorthands}
    return frozenset(own | shorthands)


# -- formulas ------------------------------------------------------------------------------------------------------


def misconceptions(subject: Subject, wrong: FalseLink) -> tuple[Finding, ...]:
    """A mistake that the problem declares, where its answer is the one that was given."""
    if isinstance(wrong.left, Table) or isinstance(wrong.right, Table):
        return ()
    left, right = (exactly(_entry(side)) for side in (wrong.left, wrong.right))
    known = subject.known
    for declared in known.derivation.wrong:
        letters = _letters_matched(declared.claim.left, left)
        if letters is None:
            continue
        sides = (left, right, substitute(declared.claim.right, letters))
        mine, said, theirs = (worked(known, side) for side in sides)
        probe = Probe(known.points(), (mine, said, theirs))
        if probe.tells_apart(said, theirs) is False:
            repair = declared.mistake.repair.replace("$", "")
            return (Finding("misconception", f"{declared.mistake.title.replace('$', '')}. {repair}"),)
    return ()


def _letters_matched(claim: Expr, said: Expr) -> dict[str, Expr] | None:
    """What the letters of a claim stand for in an expression that is the same up to them; None where it is not."""
    found: dict[str, Expr] = {}
    stack = [(claim, said)]
    while stack:
        one, other = stack.pop()
        if isinstance(one, Index) and isinstance(other, Index):
            if found.setdefault(one.name, other) != other:
                return None
        elif (
            type(one) is not type(other)
            or len(one.children) != len(other.children)
            or (not one.children and one != other)
            or (isinstance(one, Read) and isinstance(other, Read) and one.tensor.key != other.tensor.key)
        ):
            return None
        else:
            stack.extend(zip(one.children, other.children, strict=True))
    return found


def formula(subject: Subject, wrong: FalseLink, fixed: FixedSizes) -> tuple[Finding, ...]:
    """Edits of the right side, then of the left one, that make the link true; then its terms one by one."""
    search = Search(subject, wrong, fixed)
    found = search.edit(1) or search.edit(0) or search.terms() or search.slip()
    return (found,) if found is not None else ()


class Search:
    """Candidates for one false link, tried at the same random points and proved where they fit."""

    def __init__(self, subject: Subject, wrong: FalseLink, fixed: FixedSizes) -> None:
        self.subject, self.wrong, self.fixed = subject, wrong, fixed
        self.known = subject.known
        self.concrete = is_concrete(exact_pairs(wrong.pairs))
        self.sides = (wrong.left, wrong.right)
        (pair, *_) = exact_pairs(paired(wrong.left, wrong.right, fixed)[0])
        self.typed = (pair.left, pair.right)
        self.worked = tuple(worked(self.known, expr) for expr in self.typed)
        self.trial = trial(subject, pair, fixed, self.concrete)
        self.proofs = PROOFS

    def edit(self, side: int) -> Finding | None:
        if side == 0 and not isinstance(self.typed[0], Read) and not has_edges(self.typed[0]):
            return None
        outer = free_indices(self.typed[1 - side])
        for one in edits(self.typed[side], self.subject.sizes, self.missing() if side else (), outer):
            if side == 1 or one.kind in ("index", "sign"):
                if self.trial.spent:
                    return None
                if (found := self.tried(side, one)) is not None:
                    return found
        return None

    def slip(self) -> Finding | None:
        """Another name of the problem, another function, another letter on the right side."""
        self.trial = trial(self.subject, Pair(*self.typed), self.fixed, self.concrete, SLIP_STEPS)
        letters = {**free_indices(self.typed[0]), **free_indices(self.typed[1])}
        left = self.typed[0]
        others = [one for one in self.known.read if not isinstance(left, Read) or one.key != left.tensor.key]
        for one in slips(self.typed[1], letters, others, self.known.definitions, self.known.active):
            if self.trial.spent:
                return None
            if (found := self.tried(1, one)) is not None:
                return found
        return None

    def tried(self, side: int, one: Edit) -> Finding | None:
        if self.proofs == 0 or not self.trial.fits(side, one.expr):
            return None
        self.proofs -= 1
        if self.trial.proved(side, one.expr):
            return Finding(one.kind, str(one.phrase), self.repaired(side, one.expr))
        return None

    def missing(self) -> Sequence[Expr]:
        """Terms of the true answer, which may have been left out."""
        return [term for term in self.answer_terms() if isinstance(term, Mul | Read | Expr)]

    def answer_terms(self) -> Sequence[Expr]:
        left = self.worked[0]
        if not isinstance(left, Read) or left.tensor.key not in self.subject.definitions:
            return ()
        if self.concrete and free_indices(left):
            return ()
        from derive.algebra.binding import instantiate

        if self.concrete:
            value = self.fixed.at(left, {}, frozenset({left.tensor.key}))
        else:
            value = instantiate(self.subject.definitions[left.tensor.key], left.indices)
        return value.terms if isinstance(value, Add) else (value,)

    def terms(self) -> Finding | None:
        """Term by term: each by the path that it comes near to; else those that do not belong, and those missing."""
        if not self.concrete and (found := explained(self.subject, self.worked[0], self.worked[1])) is not None:
            return found
        right = self.typed[1]
        said = list(right.terms if isinstance(right, Add) else (right,))
        true = list(self.answer_terms())
        if not true or not isinstance(self.trial, AtPoints):
            return None
        values = Probe(self.trial.probe.source, self.worked, STEPS).values
        by_value = {values(term): term for term in true}
        wrong = [term for term in said if values(worked(self.known, term)) not in by_value]
        here = {values(worked(self.known, term)) for term in said}
        missing = [term for term in true if values(term) not in here]
        if not (wrong or missing) or (len(wrong) == len(said) and (len(said) < 2 or len(said) > 3)):
            return None
        return self.told(said, wrong, missing)

    def told(self, said: list[Expr], wrong: list[Expr], missing: list[Expr]) -> Finding | None:
        from derive.rendering.formula import latex

        kept = [term for term in said if term not in wrong]
        repaired = add(*kept, *missing)
        if not self.trial.proved(1, repaired):
            return None
        lost = f"missing: {', '.join(map(latex, missing))}" if missing else ""
        extra = f"not in the answer: {', '.join(map(latex, wrong))}" if wrong else ""
        kind = "missing term" if not wrong else "term"
        if wrong and len(wrong) == len(missing) and all(map(_same_but_indices, wrong, missing)):
            kind = "index"
        return Finding(kind, "; ".join(filter(None, (extra, lost))), self.repaired(1, repaired))

    def repaired(self, side: int, new: Expr) -> str:
        shown = [shown_side(self.sides[k]) if k != side else _shown(self.sides[k], new) for k in (0, 1)]
        return f"{shown[0]} {SIGNS[self.wrong.relation]} {shown[1]}"


def _entry(side: Side) -> Expr:
    if isinstance(side, Open):
        return side.entry
    assert isinstance(side, Expr)
    return side


def _shown(side: Side, new: Expr) -> str:
    return shown_side(Open(side.rows, side.columns, new, side.implied) if isinstance(side, Open) else new)


def _same_but_indices(one: Expr, other: Expr) -> bool:
    return sorted(tensors_in(one)) == sorted(tensors_in(other))
