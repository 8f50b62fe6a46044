"""Counting derivation -> report: every answer, under every convention, recounted from lists; each line worked out.

Where sizes are symbols, an answer is recounted at so many values of each that no other formula of its kind fits them
all: it is a polynomial in the sizes (within one residue class modulo the strides), and one of degree d in a size is
fixed by d + 1 values of it. What an output sees is traced for inputs up to a length at which no border can meet the
other one any more, every output and every residue class of the strides included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from math import prod

from msgspec import Struct

from derive.errors import NotProvedError, UnsupportedError
from derive.language import layer as nouns
from derive.language.counting import Choices, Count, Counting, Ratio, chosen
from derive.language.derivation import Checked, Claim, Derivation, Part, Report, Step, Worked, WorkedMistake, Wrong
from derive.language.expression import Expr, Quantity, Region, tensors_in
from derive.language.plain import plain
from derive.language.problem import Problem
from derive.language.verdict import Agrees, Counterexample, Evidence, Proved, Refuted, Undecided, Verdict
from derive.verification.arithmetic import Value, number, shown, value
from derive.verification.counterexample import told
from derive.verification.expected import (
    ADDED_UP,
    Traced,
    belongs,
    channels_seen,
    expected,
    interior,
    small_numbers,
    until,
    worked_out,
)
from derive.verification.formulas import holds_for_small_layers
from derive.verification.recount import each, numbered, tally, walk

ORACLE = "recounted"
MOST = 6000  # points of one claim
LONGEST = 400  # places of an axis that is traced

Sizes = Mapping[str, int]


class Found(Struct, frozen=True):
    """What recounting one claim showed."""

    verdict: Verdict
    sizes: tuple[Sizes, ...] = ()
    points: int = 0


def examine_counts(derivation: Derivation, oracles: Sequence[str], sizes: Sizes) -> Report:
    """Raises NotProvedError at the first answer that is not what was recounted."""
    problem = derivation.problem
    recounter = Recounter(problem)
    checked = []
    lines: dict[str, Verdict] = {}
    for part in derivation.parts:
        for claim in (part.claim, *part.others):
            found = recounter.claim(part, claim)
            _require(problem, claim, found.verdict)
            if claim is part.claim:
                evidence = (Evidence(ORACLE, Agrees(found.points), found.sizes, found.points, "exact"),
                            *recounter.framework(part, oracles))  # fmt: skip
                checked.append(Checked(claim, found.verdict, evidence))
        letters: tuple[tuple[Expr, Expr], ...] = ()
        for step in part.steps:
            letters = step.letters or letters
            lines[step.label] = _require(problem, _line(part, step), recounter.line(part, step, letters))
    recounter.entries(derivation)
    worked = Worked(dict(problem.instance), recounter.worked(derivation.parts))
    mistakes = tuple(recounter.refuted(derivation, wrong) for wrong in derivation.wrong)
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


class Recounter:
    """The networks of one problem at concrete sizes, each listed once."""

    def __init__(self, problem: Problem) -> None:
        assert isinstance(problem.program, Counting)
        self.problem, self.program = problem, problem.program

    # -- answers -------------------------------------------------------------------------------------------------------

    def claim(self, part: Part, claim: Claim) -> Found:
        wants = part.question.wants
        try:
            if isinstance(wants, Ratio):
                return self._ratio(part, claim)
            assert isinstance(wants, Count)
            choices = {**self.program.choices, **wants.choices, **claim.convention}
            match wants.what:
                case "sees":
                    return self._seen(wants, claim, choices)
                case "field" | "jump" | "start":
                    return self._field(wants, claim)
                case "map":
                    return self._map(wants, claim)
            return self._counted(wants, claim, choices)
        except UnsupportedError as error:
            return Found(Undecided(str(error)))

    def _counted(self, wants: Count, claim: Claim, choices: Choices) -> Found:
        tried: list[Sizes] = []
        for sizes in self.grid(wants.network):
            true, said = expected(self.network(wants.network, sizes), wants, choices), value(claim.right, sizes)
            tried.append(sizes)
            if true != said:
                return Found(_refuted(sizes, {}, true, said), (sizes,), len(tried))
        return Found(_proved(self.symbols(wants.network)), tuple(tried), len(tried))

    def _ratio(self, part: Part, claim: Claim) -> Found:
        """Cross-multiplied with what the parts come to."""
        assert isinstance(part.question.wants, Ratio)
        wanted = [self.problem.question(name) for name in part.question.wants.parts]
        counts = [question.wants for question in wanted if isinstance(question.wants, Count)]
        network = counts[0].network
        points = 0
        for sizes in self.grid(network):
            true = [expected(self.network(w.network, sizes), w, {**self.program.choices, **w.choices}) for w in counts]
            said = value(claim.right, sizes)
            points += 1
            assert isinstance(said, tuple)
            if any(a * d != b * c for a, b, c, d in zip(true, true[1:], said, said[1:], strict=False)):  # type: ignore[operator]
                return Found(_refuted(sizes, {}, tuple(true), said), (sizes,), points)
        return Found(_proved(self.symbols(network)), (), points)

    def _map(self, wants: Count, claim: Claim) -> Found:
        tried: list[Sizes] = []
        for sizes in self.grid(wants.network):
            network = self.network(wants.network, sizes)
            tried.append(sizes)
            for row in range(1, int(network.batch) + 1):  # type: ignore[arg-type]
                true = worked_out(network, row)
                free = _free(claim.right)
                for unit, right in enumerate(true, 1):
                    at = {**sizes, "i": row, **dict.fromkeys(free - {"i"}, unit)}
                    said = number(claim.right, at, small_numbers)
                    if said != right:
                        return Found(_refuted(sizes, {"i": row, "k": unit}, right, said), (sizes,), len(tried))
        return Found(_proved(self.symbols(wants.network)), tuple(tried), len(tried))

    def _seen(self, wants: Count, claim: Claim, choices: Choices) -> Found:
        """Every place of every axis; the axes and the channels do not touch each other."""
        assert isinstance(claim.right, Region)
        tried: list[Sizes] = []
        points = 0
        for sizes in self.traced(wants):
            network = self.network(wants.network, sizes)
            last = until(network, wants.layer)[-1]
            tried.append(sizes)
            channels = wants.letters[0]
            for channel in range(1, last.channels + 1) if claim.right.array == "X" else ():
                true = channels_seen(network, wants, channel)
                spans = value(claim.right, {**sizes, **dict.fromkeys(wants.letters, 1), channels: channel})
                assert isinstance(spans, tuple)
                said = (Fraction(1), Fraction(int(network.input.channels))) if claim.right.whole else spans[0]  # type: ignore[arg-type]
                if said != (min(true), max(true)):
                    return Found(_refuted(sizes, {channels: channel}, _span(true), said), (sizes,), points)
            for axis, letter in enumerate(wants.letters[1:]):
                traced = Traced(network, wants, axis, claim.right.array)
                for place, true in enumerate(traced.sets, 1):
                    spans = value(claim.right, {**sizes, **dict.fromkeys(wants.letters, 1), letter: place})
                    assert isinstance(spans, tuple)
                    said = spans[axis + (0 if claim.right.whole else 1)]
                    points += 1
                    if not _holds(said, true, traced.n, chosen(choices, "borders") == "clipped"):
                        return Found(_refuted(sizes, {letter: place}, _span(true), said), (sizes,), points)
        return Found(_proved(self.symbols(wants.network)), tuple(tried), points)

    def traced(self, wants: Count) -> Iterator[Sizes]:
        """The given sizes; where the image is a symbol, lengths up to one at which no border meets another."""
        symbols = self.spatial(wants.network)
        base = next(iter(self.grid(wants.network)))
        if not symbols:
            yield base
            return
        measured = interior(self.network(wants.network, base), wants)
        longest = max(size + 2 * jump + abs(start) for size, jump, start in measured) + 2
        if longest > LONGEST:
            raise UnsupportedError(f"its receptive field is too large to be traced for every size up to {longest}")
        least = min(base[symbol] for symbol in symbols)
        for n in range(least, max(longest, least + 2) + 1):
            yield {**base, **dict.fromkeys(symbols, n)}

    def _field(self, wants: Count, claim: Claim) -> Found:
        sizes = next(iter(self.grid(wants.network)))
        place = {"field": 0, "jump": 1, "start": 2}[wants.what]
        found = [Fraction(axis[place]) for axis in interior(self.network(wants.network, sizes), wants)]
        true: Value = found[0] if len(set(found)) == 1 else tuple(found)
        said = value(claim.right, sizes)
        verdict = Proved("all sizes") if true == said else _refuted(sizes, {}, true, said)
        return Found(verdict, (sizes,), 1)

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
        verdict: Verdict = Agrees(1) if found == said else _refuted(sizes, {}, found, said)
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
            _require(self.problem, Claim(place, Quantity(what, place), said), _refuted(sizes, {}, true, found))

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
                if not _holds(span, frozenset(seen), int(n), clipped):  # type: ignore[arg-type]
                    _require(self.problem, part.claim, _refuted(sizes, at, _span(frozenset(seen)), span))
        return (Evidence("pytorch", Agrees(points), (sizes,), points, "exact"),)

    # -- lines ---------------------------------------------------------------------------------------------------------

    def line(self, part: Part, step: Step, meanings: tuple[tuple[Expr, Expr], ...]) -> Verdict:
        """Both sides worked out; a formula in letters, with what the letters stand for."""
        wants = part.question.wants
        network = wants.network if isinstance(wants, Count) else ""
        if isinstance(step.after, Region) and isinstance(wants, Count):
            return self._seen(wants, Claim(step.label, step.before, step.after), self.program.choices).verdict
        if step.before == step.after and not step.letters:
            return Proved(_proved(self.symbols(network)).scope)
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
                return _refuted(sizes, {}, true, said)
        return _proved(self.symbols(network))

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

    def refuted(self, derivation: Derivation, wrong: Wrong) -> WorkedMistake:
        """A mistake is printed only where it gives something else than the truth; first tried on the instance."""
        part = next(p for p in derivation.parts if p.question.id == wrong.mistake.question)
        wants = part.question.wants
        network = wants.network if isinstance(wants, Count) else ""
        for sizes in (self.instance(network), *self.grid(network)):
            where = dict.fromkeys(wants.letters, 2) if isinstance(wants, Count) and wants.what == "sees" else {}
            true, said = (value(side, {**sizes, **where}) for side in (part.claim.right, wrong.claim.right))
            if true != said:
                return WorkedMistake(wrong.mistake, wrong.claim, _refuted(sizes, where, true, said))
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

    def network(self, name: str, sizes: Sizes) -> nouns.Network:
        return numbered(self.program.network(name), sizes, lambda expr, at: int(number(expr, at)))

    def symbols(self, name: str) -> tuple[str, ...]:
        return tuple(_symbols(self.program.network(name)))

    def spatial(self, name: str) -> tuple[str, ...]:
        found: dict[str, object] = {}
        for size in self.program.network(name).input.spatial:
            if isinstance(size, Expr):
                found.update(tensors_in(size))
        return tuple(found)

    def instance(self, name: str) -> Sizes:
        """The sizes of the worked instance, or the first ones at which the network works."""
        first = next(iter(self.grid(name)))
        given = {key: size for key, size in self.problem.instance.items() if key in first and isinstance(size, int)}
        return {**{key: size for key, size in self.problem.instance.items() if isinstance(size, int)}, **first, **given}

    def grid(self, name: str) -> Iterator[Sizes]:
        """So many values of each symbol that they fix the formula; one point without any."""
        network = self.program.network(name)
        symbols = _symbols(network)
        if not symbols:
            yield {}
            return
        base, period = self._base(name), _period(network)
        spatial = self.spatial(name)
        ranges = [
            range(base[s], base[s] + (degree + 1) * (period if s in spatial else 1)) for s, degree in symbols.items()
        ]
        if prod(map(len, ranges)) > MOST:
            raise UnsupportedError(f"it has too many symbolic sizes to be recounted: {', '.join(symbols)}")
        yield from (dict(zip(symbols, values, strict=True)) for values in islice(product(*ranges), MOST))

    def _base(self, name: str) -> dict[str, int]:
        """The least sizes at which the network works; all symbols of the image grow together."""
        lowest = dict.fromkeys(_symbols(self.program.network(name)), 2)
        for n in range(1, LONGEST):
            sizes = {**lowest, **dict.fromkeys(self.spatial(name), n)}
            found = walk_or_none(self.network(name, sizes))
            if found is not None:
                return sizes
        raise UnsupportedError("no image is large enough for its windows")


def walk_or_none(network: nouns.Network) -> object | None:
    """The lists of a network that works at these sizes."""
    found = walk(network)
    return found if all(n > 0 for seen in found for n in seen.spatial) else None


def _proved(symbols: Sequence[str]) -> Proved:
    return Proved("all sizes" if symbols else "these sizes")


def _refuted(sizes: Sizes, where: Sizes, true: Value, said: Value) -> Refuted:
    return Refuted(Counterexample(dict(sizes), {}, shown(true), shown(said), dict(where)))


def _span(found: frozenset[int]) -> Value:
    if not found:
        return ()
    return (Fraction(min(found)), Fraction(max(found)))


def _holds(said: Value, true: frozenset[int], n: int, clipped: bool) -> bool:
    """Clipped: from the first to the last. Else so away from the borders, and at them nothing beyond it is seen."""
    assert isinstance(said, tuple)
    low, high = said
    assert isinstance(low, Fraction)
    assert isinstance(high, Fraction)
    if clipped or (low >= 1 and high <= n):
        return bool(true) and said == _span(true)
    return all(low <= place <= high for place in true)


def _texts(found: Value) -> object:
    return tuple(map(_texts, found)) if isinstance(found, tuple) else str(found)


def _proportion(found: Value, ratio: bool) -> Value:
    """Of a ratio, only the proportions."""
    if ratio and isinstance(found, tuple) and found[0]:
        return tuple(item / found[0] for item in found)  # type: ignore[operator]
    return found


def _free(expr: Expr) -> set[str]:
    from derive.language.expression import free_indices

    return set(free_indices(expr))


def _key(letter: Expr) -> str:
    return next(iter(tensors_in(letter)))


def _symbols(network: nouns.Network) -> dict[str, int]:
    """Each symbolic size with the highest power in which it can occur: once for each place where it stands."""
    found: dict[str, int] = {}

    def visit(item: object, times: int) -> None:
        if isinstance(item, Expr):
            for key in tensors_in(item):
                found[key] = found.get(key, 0) + times
        elif isinstance(item, tuple):
            for one in item:
                visit(one, times)
        elif isinstance(item, nouns.Layer | nouns.Features):
            dims = max(1, len(network.input.spatial))
            for field in item.__struct_fields__:
                one = getattr(item, field)
                if field in ("stride", "groups") and isinstance(one, Expr):
                    raise UnsupportedError(f"a {field} that is a symbol cannot be recounted for all its values")
                visit(one, 2 * dims if field in ("kernel", "dilation", "padding") else times)

    visit(network.batch, 1)
    visit(network.input, 1)
    visit(network.layers, 1)
    return found


def _period(network: nouns.Network) -> int:
    """After so many more inputs along an axis, every layer has as many more outputs as it must."""
    period = 1
    for layer in nouns.every_layer(network.layers):
        if isinstance(layer, nouns.Convolution | nouns.Pooling):
            strides = each(layer.kernel if layer.stride is None else layer.stride, 1)
            period *= max(strides) if max(strides) == min(strides) else prod(strides)
    return period
