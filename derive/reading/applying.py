"""What stands before a parenthesis: a function, the name of the loss, an array whose index follows, or a factor."""

from __future__ import annotations

from msgspec.structs import replace

from derive.language.notation import Name
from derive.reading import surface as s
from derive.reading.entries import is_bare
from derive.reading.references import describe, split
from derive.reading.settling import Settling
from derive.reading.trees import is_sign, nodes_in


class Applying(Settling):
    """Factors side by side of which one is applied to the next."""

    def applied(self, factors: list[s.Node], operators: list[s.Operator]) -> tuple[list[s.Node], list[s.Operator]]:
        r"""sigma(z) is a function where no sigma is named; E(w) is E; x_k(i) has the index i; 1[q > 0] is [q > 0]."""
        signs = [k for k, one in enumerate(factors) if is_sign(one, factors[k + 1 : k + 2])]
        operators = [operator for k, operator in enumerate(operators) if k not in signs]
        factors = [one for k, one in enumerate(factors) if k not in signs]
        out: list[s.Node] = [factors[0]]
        ops: list[s.Operator] = []
        for operator, factor in zip(operators, factors[1:], strict=True):
            last = out[-1]
            inside = factor.base if isinstance(factor, s.Raised) else factor
            if operator == "" and isinstance(inside, s.Listed):
                joined = self.entry_joined(last, inside) or (None if inside.square else self.joined(last, inside))
                if joined is not None:
                    out[-1] = s.Raised(last.at, joined, factor.exponent) if isinstance(factor, s.Raised) else joined
                    continue
            out.append(factor)
            ops.append(operator)
        return out, ops

    def entry_joined(self, head: s.Node, inside: s.Listed) -> s.Node | None:
        """x_k(i) and x[i]: the letter of an index behind an array whose index is not said."""
        if not isinstance(head, s.Word) or head.above or len(inside.items) != 1:
            return None
        (item,) = inside.items
        letters = [one for one in nodes_in(item) if isinstance(one, s.Word)]
        if not (letters and all(map(self.is_letter, letters))) and not (inside.square and isinstance(item, s.Numeral)):
            return None
        reference = self.names.reference(head, self.fits)
        if reference is None or None not in reference.places:
            return None
        if not isinstance(item, s.Word) or reference.places.count(None) > 1:
            self.fail(f"write the index of '{describe(head)}' below the name", item)
        name = reference.tensor.name
        if isinstance(name, Name) and name.above:
            return replace(head, above=(item,), raised=True)
        return replace(head, below=(*split(head.below), item))

    def joined(self, head: s.Node, inside: s.Listed) -> s.Node | None:
        if isinstance(head, s.Nabla) or (isinstance(head, s.Word) and self.is_loss(head)):
            named = all(isinstance(item, s.Word) and is_bare(item) and self.is_named(item) for item in inside.items)
            return head if named else None
        if not isinstance(head, s.Word) or head.above or head.below:
            return None
        if head.base == "sigma" and not head.accent and len(inside.items) == 1 and not self.is_named(head):
            return s.Call(head.at, "logistic", inside.items, head.primes)
        if head.base == "sigma" and not head.accent and head.primes and len(inside.items) == 1:
            return s.Call(head.at, "logistic", inside.items, head.primes)
        return None

    def is_named(self, word: s.Word) -> bool:
        """Does it read a tensor as it stands?"""
        return self.names.reference(word, self.fits) is not None

    def is_loss(self, word: s.Word) -> bool:
        reference = self.names.reference(word, self.fits) if not word.below and not word.above else None
        return reference is not None and reference.tensor == self.words.loss

    def is_letter(self, word: s.Word) -> bool:
        bare = not (word.below or word.above or word.accent or word.primes)
        return bare and (word.base in self.words.indices or self.bound(word.base) is not None)
