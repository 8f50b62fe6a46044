"""Each answer recounted from lists, at the given sizes or at so many that they fix the formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from msgspec import Struct

from derive.errors import UnsupportedError
from derive.language.answers import Region
from derive.language.counting import Choices, Count, Ratio, chosen
from derive.language.derivation import Claim, Part
from derive.language.expression import free_indices
from derive.language.verdict import Counterexample, Proved, Refuted, Undecided, Verdict
from derive.verification.arithmetic import Value, number, shown, value
from derive.verification.expected import Traced, channels_seen, expected, interior, small_numbers, until, worked_out
from derive.verification.sampling import LONGEST, Sampling, Sizes


class Found(Struct, frozen=True):
    """What recounting one claim showed."""

    verdict: Verdict
    sizes: tuple[Sizes, ...] = ()
    points: int = 0


class Recounter(Sampling):
    """Claims about the networks of one problem."""

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
                return Found(refuted(sizes, {}, true, said), (sizes,), len(tried))
        return Found(proved(self.symbols(wants.network)), tuple(tried), len(tried))

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
                return Found(refuted(sizes, {}, tuple(true), said), (sizes,), points)
        return Found(proved(self.symbols(network)), (), points)

    def _map(self, wants: Count, claim: Claim) -> Found:
        tried: list[Sizes] = []
        for sizes in self.grid(wants.network):
            network = self.network(wants.network, sizes)
            tried.append(sizes)
            for row in range(1, int(network.batch) + 1):  # type: ignore[arg-type]
                true = worked_out(network, row)
                free = set(free_indices(claim.right))
                for unit, right in enumerate(true, 1):
                    at = {**sizes, "i": row, **dict.fromkeys(free - {"i"}, unit)}
                    said = number(claim.right, at, small_numbers)
                    if said != right:
                        return Found(refuted(sizes, {"i": row, "k": unit}, right, said), (sizes,), len(tried))
        return Found(proved(self.symbols(wants.network)), tuple(tried), len(tried))

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
                    return Found(refuted(sizes, {channels: channel}, span_of(true), said), (sizes,), points)
            for axis, letter in enumerate(wants.letters[1:]):
                traced = Traced(network, wants, axis, claim.right.array)
                for place, true in enumerate(traced.sets, 1):
                    spans = value(claim.right, {**sizes, **dict.fromkeys(wants.letters, 1), letter: place})
                    assert isinstance(spans, tuple)
                    said = spans[axis + (0 if claim.right.whole else 1)]
                    points += 1
                    if not holds(said, true, traced.n, chosen(choices, "borders") == "clipped"):
                        return Found(refuted(sizes, {letter: place}, span_of(true), said), (sizes,), points)
        return Found(proved(self.symbols(wants.network)), tuple(tried), points)

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
        verdict = Proved("all sizes") if true == said else refuted(sizes, {}, true, said)
        return Found(verdict, (sizes,), 1)


def proved(symbols: Sequence[str]) -> Proved:
    return Proved("all sizes" if symbols else "these sizes")


def refuted(sizes: Sizes, where: Sizes, true: Value, said: Value) -> Refuted:
    return Refuted(Counterexample(dict(sizes), {}, shown(true), shown(said), dict(where)))


def span_of(found: frozenset[int]) -> Value:
    if not found:
        return ()
    return (Fraction(min(found)), Fraction(max(found)))


def holds(said: Value, true: frozenset[int], n: int, clipped: bool) -> bool:
    """Clipped: from the first to the last. Else so away from the borders, and at them nothing beyond it is seen."""
    assert isinstance(said, tuple)
    low, high = said
    assert isinstance(low, Fraction)
    assert isinstance(high, Fraction)
    if clipped or (low >= 1 and high <= n):
        return bool(true) and said == span_of(true)
    return all(low <= place <= high for place in true)
