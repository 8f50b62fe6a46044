"""Forms that are read without a problem: products with dots, shapes as equations, functions that are not known."""

from __future__ import annotations

from msgspec.structs import replace

from derive.algebra.binding import fresh_name
from derive.algebra.products import product_of
from derive.language.expression import Index
from derive.language.statement import Chain, Side
from derive.reading import surface as s
from derive.reading.dots import NoPatternError, at, filled
from derive.reading.fences import Fences
from derive.reading.references import describe
from derive.reading.scope import Hole
from derive.reading.trees import nodes_in

OPAQUE = frozenset({"f", "g", "h", "F", "G", "H", "phi", "psi"})


class FreeForms(Fences):
    """What a text may hold besides names and their entries."""

    def chain(self, one: s.Spelled) -> Chain:
        """W : (m, 10) says that the shape of W is (m, 10)."""
        links = tuple(replace(link, relation="=") if link.relation == ":" else link for link in one.links)
        return super().chain(replace(one, links=links))

    def applied(self, factors: list[s.Node], operators: list[s.Operator]) -> tuple[list[s.Node], list[s.Operator]]:
        """The bold 1 in front of a condition is the sign of an indicator."""
        for head, operator, after in zip(factors, operators, factors[1:], strict=False):
            if operator == "" and isinstance(head, s.Word) and isinstance(after, s.Entry | s.Listed):
                self.check_known(head, after)
                self.check_squared(head, after)
        return super().applied(factors, operators)

    def check_known(self, head: s.Word, after: s.Node) -> None:
        """f(x) may be f times x for a name f, but not where f is what functions are called, or N(0, 1) is meant."""
        spelled = len(head.base) > 1 and head.font in ("mathrm", "mathit", "mathsf", "rm")
        several = isinstance(after, s.Listed) and after.fence == "()" and len(head.base) == 1
        if several or (spelled and not head.below) or head.base in OPAQUE or (head.primes and head.base != "sigma"):
            self.fail(f"'{describe(head)}' before a parenthesis may be a function; which one is not known", head)

    def check_squared(self, head: s.Word, after: s.Node) -> None:
        """sigma^2(x), where sigma(x) shows that sigma is a function: its square, or a name times x."""
        written = head.base == "sigma" and head.above and isinstance(after, s.Listed)
        if written and self.is_function(head):
            self.fail(f"'{describe(head)}' with an exponent may be a function or a name; write (sigma(x))^2", head)

    def is_function(self, word: s.Word) -> bool:
        raise NotImplementedError

    def entry_joined(self, head: s.Node, inside: s.Listed) -> s.Node | None:
        """x[i] may be an entry: in LaTeX it would be written x_i."""
        letters = [one for one in nodes_in(inside) if isinstance(one, s.Word)]
        written = isinstance(head, s.Word) and inside.square and len(inside.items) == 1
        if written and (self.is_index(letters[0].base) if letters else True):
            self.fail("what stands in brackets may be an index; write it below the name, or in parentheses", inside)
        return None

    def is_index(self, letter: str) -> bool:
        raise NotImplementedError

    def joined(self, head: s.Node, inside: s.Listed) -> s.Node | None:
        found = super().joined(head, inside)
        return found if not isinstance(found, s.Word) else None

    def over_layers(self, factors: list[s.Node], node: s.Product) -> Side:
        """x_1 x_2 ... x_n as a product over an index; of numbers, not of matrices."""
        places = [k for k, factor in enumerate(factors) if isinstance(factor, s.Dots)]
        shown = [factor for factor in factors if not isinstance(factor, s.Dots)]
        if any(isinstance(one, s.Word) and one.base.isupper() for one in shown):
            self.fail("products of matrices with dots are not read without a problem", node)
        if len(places) != 1 or not 0 < places[0] == len(factors) - 2:
            self.fail("dots are read between the first factors of a product and its last one", node)
        try:
            template, start, end = filled([self.scalar(one) for one in shown[:-1]], self.scalar(shown[-1]))
        except NoPatternError:
            self.fail("the factors around the dots do not show what is left out", factors[places[0]])
        letter = fresh_name("k", self.taken | set(self.words.indices))
        self.taken.add(letter)
        return product_of(Index(letter, end, start), at(template, Index(letter, Hole(node.at))))

    def _nabla(self, node: s.Nabla) -> Side:
        if node.by is None:
            self.fail("say what the gradient is taken by, as in \\nabla_w", node)
        return self.side(s.Derivative(node.at, node.of, node.by, straight=False))
