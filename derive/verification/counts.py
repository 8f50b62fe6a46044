"""Counting derivation -> report: every answer, under every convention, recounted from lists; each line worked out.

Where sizes are symbols, an answer is recounted at so many values of each that no other formula of its kind fits them
all: it is a polynomial in the sizes (within one residue class modulo the strides), and one of degree d in a size is
fixed by d + 1 values of it. What an output sees is traced for inputs up to a length at which no border can meet the
other one any more, every output and every residue class of the strides included.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derive.errors import NotProvedError, UnsupportedError
from derive.language.answers import Quantity, Region
from derive.language.counting import Count, Ratio, chosen
from derive.language.derivation import Checked, Claim, Derivation, Part, Report, Step, Worked, WorkedMistake, Wrong
from derive.language.expression import Expr, tensors_in
from derive.language.plain import plain
from derive.language.problem import Problem
from derive.language.verdict import Agrees, Evidence, Proved, Refuted, Undecided, Verdict
from derive.verification.arithmetic import Value, number, value
from derive.verification.counterexample import told
from derive.verification.expected import ADDED_UP, belongs
from derive.verification.formulas import holds_for_small_layers
from derive.verification.recount import tally, walk
from derive.verification.recounter import Recounter, holds, proved, refuted, span_of
from derive.verification.sampling import Sizes

ORACLE = "recounted"


def examine_counts(derivation: Derivation, oracles: Sequence[str], sizes: Sizes) -> Report:
    """Raises NotProvedError at the first answer that is not what was recounted."""
    problem = derivation.problem
    examiner = Examiner(problem)
    checked = []
    lines: dict[str, Verdict] = {}
    for part in derivation.parts:
        for claim in (part.claim, *part.others):
            found = examiner.claim(part, claim)
            _require(problem, claim, found.verdict)
            if claim is part.claim:
                evidence = (Evidence(ORACLE, Agrees(found.points), found.sizes, found.points, "exact"),
                            *examiner.framework(part, oracles))  # fmt: skip
                checked.append(Checked(claim, found.verdict, evidence))
        letters: tuple[tuple[Expr, Expr], ...] = ()
        for step in part.steps:
            letters = step.letters or letters
            lines[step.label] = _require(problem, _line(part, step), examiner.line(part, step, letters))
    examiner.entries(derivation)
    worked = Worked(dict(problem.instance), examiner.worked(derivation.parts))
    mistakes = tuple(examiner.mistaken(derivation, wrong) for wrong in derivation.wrong)
    return Report(derivation, tuple(checked), (), (), mistakes, worked, sizes=sizes, lines=lines)


def _line(part: Part, step: Step) -> Claim:
    return Claim(f"{part.question.id}, line {step.label}", step.before, step.after)


def _require(problem: Problem, claim: Claim, verdict: Verdict) -> Verdict:
    if isinstance(verdict, Proved):
        return verdict
    under = f" under {', '.join(claim.convention.values())}" if claim.convention else ""
    line = f"{problem.id}, part '{claim.id}'{under}: {plain(claim.left)} = {plain(claim.right)}"
    if isinstance(verdict, Refuted):
        raise NotProvedError(f"{line} is wrong: {told(verdict.counterexample)}. Nothing was written",
                             verdict.counterexample)  # fmt: skip
    why = verdict.why if isinstance(verdict, Undecided) else "it only agrees where it was tried"
    raise NotProvedError(f"{line} could not be proved: {why}. Nothing was written")


class Examiner(Recounter):
    """What stands around the answers: tables, lines, mistakes, and the framework's own count."""

    def framework(self, part: Part, oracles: Sequence[str]) -> tuple[Evidence, ...]:
        """What PyTorch's own layers say, where it was asked."""
        if "pytorch" not in oracles or not isinstance(part.question.wants, Count):
            return ()
        from derive.verification.frameworks import compared

        wants = part.question.wants
        sizes = self.instance(wants.network)
        if wants.what == "sees":
            return self._gradients(part, wants, sizes)
        found = compared(self.network(wants.network, sizes), wants, {**self.program.choices, **wants.choices})
        if found is None:
            return ()
        said = value(part.claim.right, sizes)
        verdict: Verdict = Agrees(1) if found == said else refuted(sizes, {}, found, said)
        if isinstance(verdict, Refuted):
            _require(self.problem, part.claim, verdict)
        return (Evidence("pytorch", verdict, (sizes,), 1, "exact"),)

    def entries(self, derivation: Derivation) -> None:
        """Every row of the tables."""
        for name in self.program.networks:
            rows = [entry for entry in derivation.entries if entry.network == name]
            for sizes in self.grid(name):
                for entry, seen in zip(rows, walk(self.network(name, sizes)), strict=True):
                    place = entry.name or entry.what
                    into, out = (seen.channels_in, *seen.spatial_in), (seen.channels, *seen.spatial)
                    self._row(place, "input", entry.into, tuple(map(Fraction, into)), sizes)
                    self._row(place, "shape", entry.out, tuple(map(Fraction, out)), sizes)
                    for what, said in entry.counts.items():
                        self._row(place, what, said, Fraction(tally(what, seen, self.program.choices)), sizes)

    def _row(self, place: str, what: str, said: Expr, true: Value, sizes: Sizes) -> None:
        found = value(said, sizes)
        if found != true:
            _require(self.problem, Claim(place, Quantity(what, place), said), refuted(sizes, {}, true, found))

    def _gradients(self, part: Part, wants: Count, sizes: Sizes) -> tuple[Evidence, ...]:
        """Where the gradient of a real network reaches, for outputs at the borders and in the middle."""
        from derive.verification.frameworks import gradient_support

        assert isinstance(part.claim.right, Region)
        network = self.network(wants.network, sizes)
        clipped = chosen({**self.program.choices, **wants.choices}, "borders") == "clipped"
        points = 0
        for place, reached in gradient_support(network, wants.layer).items():
            at = dict(zip(wants.letters, (1, *place), strict=True))
            spans = value(part.claim.right, {**sizes, **at})
            assert isinstance(spans, tuple)
            for span, seen, n in zip(spans[-len(place) :], reached, network.input.spatial, strict=True):
                points += 1
                if not holds(span, frozenset(seen), int(n), clipped):  # type: ignore[arg-type]
                    _require(self.problem, part.claim, refuted(sizes, at, span_of(frozenset(seen)), span))
        return (Evidence("pytorch", Agrees(points), (sizes,), points, "exact"),)

    # -- lines ---------------------------------------------------------------------------------------------------------

    def line(self, part: Part, step: Step, meanings: tuple[tuple[Expr, Expr], ...]) -> Verdict:
        """Both sides worked out; a formula in letters, with what the letters stand for."""
        wants = part.question.wants
        network = wants.network if isinstance(wants, Count) else ""
        if isinstance(step.after, Region) and isinstance(wants, Count):
            return self._seen(wants, Claim(step.label, step.before, step.after), self.program.choices).verdict
        if step.before == step.after and not step.letters:
            return Proved(proved(self.symbols(network)).scope)
        if step.letters and step.before == step.after and isinstance(wants, Count):
            return self._formula(wants, step)
        for sizes in self.grid(network):
            letters = {_key(letter): int(number(meaning, sizes)) for letter, meaning in meanings}
            goal = part.claim.right if step.left == part.claim.left and step.letters else step.after
            try:
                said = _proportion(value(step.before, {**sizes, **letters}), isinstance(wants, Ratio))
                true = _proportion(value(goal, {**sizes, **letters}), isinstance(wants, Ratio))
            except UnsupportedError as error:
                return Undecided(str(error))
            if said != true:
                return refuted(sizes, {}, true, said)
        return proved(self.symbols(network))

    def _formula(self, wants: Count, step: Step) -> Verdict:
        """A formula in letters, for small layers of its kind and for this one."""
        choices = {**self.program.choices, **wants.choices}
        for sizes in self.grid(wants.network):
            found = walk(self.network(wants.network, sizes))
            own = [seen for seen in found if belongs(seen, wants.layer)]
            if wants.what in ADDED_UP:
                own = [seen for seen in own if tally(wants.what, seen, choices)]
            elif wants.what == "inputs":
                own = own[:1]
            seen = next((one for one in own if one.layer.name == wants.layer), own[-1])
            return holds_for_small_layers(step, wants.what, seen, choices)
        return Undecided("no size of the network works")

    # -- mistakes ------------------------------------------------------------------------------------------------------

    def mistaken(self, derivation: Derivation, wrong: Wrong) -> WorkedMistake:
        """A mistake is printed only where it gives something else than the truth; first tried on the instance."""
        part = next(p for p in derivation.parts if p.question.id == wrong.mistake.question)
        wants = part.question.wants
        network = wants.network if isinstance(wants, Count) else ""
        for sizes in (self.instance(network), *self.grid(network)):
            where = dict.fromkeys(wants.letters, 2) if isinstance(wants, Count) and wants.what == "sees" else {}
            true, said = (value(side, {**sizes, **where}) for side in (part.claim.right, wrong.claim.right))
            if true != said:
                return WorkedMistake(wrong.mistake, wrong.claim, refuted(sizes, where, true, said))
        raise NotProvedError(
            f"{self.problem.id}: the mistake '{wrong.mistake.id}' gives the right answer, {plain(part.claim.right)};"
            " it is no mistake here. Nothing was written"
        )

    # -- numbers -------------------------------------------------------------------------------------------------------

    def worked(self, parts: Sequence[Part]) -> dict[str, object]:
        """What each part comes to at the instance; formulas in indices are left out."""
        found: dict[str, object] = {}
        for part in parts:
            wants = part.question.wants
            if isinstance(wants, Count) and wants.what in ("sees", "map"):
                continue
            sizes = self.instance(wants.network if isinstance(wants, Count) else "")
            found[part.question.id] = _texts(value(part.claim.right, sizes))
        return found


def _texts(found: Value) -> object:
    return tuple(map(_texts, found)) if isinstance(found, tuple) else str(found)


def _proportion(found: Value, ratio: bool) -> Value:
    """Of a ratio, only the proportions."""
    if ratio and isinstance(found, tuple) and found[0]:
        return tuple(item / found[0] for item in found)  # type: ignore[operator]
    return found


def _key(letter: Expr) -> str:
    return next(iter(tensors_in(letter)))
