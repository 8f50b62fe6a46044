"""Powers, radicals, exp and log of polynomials: the laws, each with what it requires."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING
from weakref import proxy

from flint import Ordering, fmpq, fmpz, fmpz_mpoly_ctx

from derive.algebra import atoms as at
from derive.algebra.atoms import Atom
from derive.algebra.circular import angle, circular
from derive.algebra.evaluate import Rationals
from derive.algebra.polynomial import (
    NOTHING,
    ONE,
    Exponent,
    Monomial,
    Poly,
    atom_poly,
    monomial,
    monomial_key,
    number,
    plain_exponent,
    rational,
    term,
)
from derive.algebra.whole_functions import binomial, factorial, floor
from derive.errors import BudgetError, UnsupportedError

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

MAX_EXPONENT = 64  # a larger power of a sum is refused rather than expanded


class Powers:
    """The laws of powers in one context; remembers the bases met, for the elimination that follows."""

    def __init__(self, context: Normalizer) -> None:
        self.context: Normalizer = proxy(context)  # no cycle, so that what it made is freed with it
        self.bases: dict[str, Atom] = {}
        self._factors: dict[str, list[tuple[Poly, int]]] = {}

    def remember(self, other: Powers) -> None:
        """The bases that the powers of another context have met."""
        self.bases.update(other.bases)
        self._factors.update(other._factors)

    def raised(self, base: Poly, exponent: Fraction, keep: bool = False) -> Poly:
        """base ** exponent. `keep` leaves a power of 1 under its own name instead of expanding it."""
        if exponent == 0:
            return ONE
        if not base:
            if exponent < 0:
                raise ZeroDivisionError("a power with a negative exponent of something that is zero")
            return NOTHING
        single = base.single()
        if single is not None:
            return self._raised_term(*single, exponent)
        if exponent.denominator == 1 and exponent > 0 and not keep:
            return self._expanded(base, int(exponent))
        return self._raised_sum(base, exponent, keep)

    def _expanded(self, base: Poly, exponent: int) -> Poly:
        if exponent > MAX_EXPONENT:
            raise BudgetError(f"the power {exponent} of a sum is more than is expanded")
        result = base
        for _ in range(exponent - 1):
            result = result * base
            self.context.spend(len(result.terms))
        return result

    def _raised_term(self, mono: Monomial, coefficient: fmpq, exponent: Fraction) -> Poly:
        whole = exponent.denominator == 1
        outside: list[tuple[Atom, Exponent]] = []
        inside: list[tuple[Atom, Exponent]] = []
        squares: list[tuple[Atom, Exponent]] = []
        for atom, e in mono:
            if atom.idempotent and exponent > 0:
                outside.append((atom, 1))
            elif whole or atom.positive or (atom.kind == "power" and _root_guards(e)) or _even(e, exponent):
                outside.append((atom, plain_exponent(e * exponent)))
            elif isinstance(e, int) and e % 2 == 0:  # sqrt(x^2 y) = |x| sqrt(y)
                squares.append((atom, Fraction(e) * exponent / 2))
            else:
                inside.append((atom, e))
        sign = 1
        if coefficient < 0 and exponent.denominator % 2 == 0:
            sign, coefficient = -1, -coefficient
        scale = self.number_power(coefficient, exponent)
        left = scale.shifted(monomial(outside))
        for atom, e in squares:
            left = left * self._named(atom_poly(atom, 2), e)
        if not inside and sign == 1:
            return left
        if not inside:
            raise UnsupportedError("an even root of something negative is not real")
        return left * self._named(term(monomial(inside), sign), exponent)

    def _raised_sum(self, base: Poly, exponent: Fraction, keep: bool = False) -> Poly:
        content, common, primitive = self.content(base, whole=exponent.denominator == 1)
        plain = self.expanded(primitive)
        if plain is not primitive:  # a denominator inside the base was cleared: what it hid may cancel now
            outside = Poly({common: content}) if content > 0 or exponent.denominator == 1 else term(common)
            return self.raised(outside, exponent) * self.raised(plain, exponent, keep)
        result = self.number_power(content, exponent) if content > 0 or exponent.denominator == 1 else ONE
        result = result.shifted(monomial((a, plain_exponent(e * exponent)) for a, e in common))
        factors = self.factored(primitive)
        if exponent.denominator == 1:
            for factor, k in factors:
                single = factor.single()
                if single is not None:
                    result = result * self._raised_term(*single, k * exponent)
                else:
                    result = result * self._named(factor, k * exponent)
            return result
        if len(factors) == 1 and factors[0][1] % 2 == 1:
            # an even root of an odd power of f is defined only where f >= 0
            return result * self._named(factors[0][0], factors[0][1] * exponent)
        return result * self._named(primitive, exponent)

    def _named(self, base: Poly, exponent: Exponent) -> Poly:
        atom = at.power_atom(base, positive=is_positive_sum(base))
        self.bases.setdefault(atom.key, atom)
        return atom_poly(atom, plain_exponent(exponent))

    def content(self, base: Poly, whole: bool) -> tuple[fmpq, Monomial, Poly]:
        """content x common monomial x primitive part; under a root only what is known to be positive leaves it."""
        coefficients = list(base.terms.values())
        top = fmpz(0)
        bottom = fmpz(1)
        for c in coefficients:
            top = top.gcd(c.p)
            bottom = bottom * c.q // bottom.gcd(c.q)
        content = fmpq(top, bottom)
        common: dict[Atom, Exponent] | None = None
        for mono in base.terms:
            table = dict(mono)
            common = table if common is None else _lowest(common, table)
        shared = [(a, e) for a, e in (common or {}).items() if e != 0 and (whole or a.positive)]
        inverse = monomial((a, -e) for a, e in shared)
        primitive = base.shifted(inverse).scaled(1 / content)
        if whole:
            leading = min(primitive.terms, key=lambda mono: monomial_key(mono))
            if primitive.terms[leading] < 0:
                content, primitive = -content, primitive.scaled(fmpq(-1))
        return content, monomial(shared), primitive

    def expanded(self, poly: Poly) -> Poly:
        """The whole part of every positive exponent of a named base written out as that base."""
        for mono, coefficient in poly.terms.items():
            for atom, e in mono:
                if atom.kind == "power" and e >= 1:
                    left = tuple((a, f - int(e)) if a == atom else (a, f) for a, f in mono)
                    rest = Poly({monomial(left): coefficient})
                    others = Poly({m: c for m, c in poly.terms.items() if m != mono})
                    return self.expanded(others + self.context.product([rest, *[atom.polys[0]] * int(e)]))
        return poly

    def primitive(self, poly: Poly, oriented: bool) -> Poly:
        """The polynomial divided by what is positive in all its terms; `oriented` also fixes its sign."""
        _, _, rest = self.content(poly, whole=False)
        if oriented and rest.terms[min(rest.terms, key=monomial_key)] < 0:
            rest = rest.scaled(fmpq(-1))
        return rest

    def factored(self, base: Poly) -> list[tuple[Poly, int]]:
        """Irreducible factors over the rationals, atoms taken as variables."""
        found = self._factors.get(base.key)
        if found is None:
            found = self._factors[base.key] = self._factor(base)
        return found

    def _factor(self, base: Poly) -> list[tuple[Poly, int]]:
        letters = sorted({a for mono in base.terms for a, _ in mono}, key=lambda a: a.key)
        tables = [dict(mono) for mono in base.terms]
        if any(not isinstance(e, int) or e < 0 for table in tables for e in table.values()) or len(letters) > 12:
            return [(base, 1)]
        ring = fmpz_mpoly_ctx.get([f"v{k}" for k in range(len(letters))], Ordering.lex)
        rows = [tuple(int(table.get(a, 0)) for a in letters) for table in tables]
        data = {row: c.p for row, c in zip(rows, base.terms.values(), strict=True)}
        unit, factors = ring.from_dict(data).factor()
        if len(factors) == 1 and factors[0][1] == 1:
            return [(base, 1)]
        result = [(self._from_ring(letters, factor.to_dict()), int(k)) for factor, k in factors]
        oriented, sign = [], fmpq(unit)
        for factor, k in result:
            content, common, primitive = self.content(factor, whole=True)
            sign = sign * content**k
            oriented.append((primitive.shifted(common), k))
        if sign != 1:
            oriented.append((number(sign), 1))
        return sorted(oriented, key=lambda f: f[0].key)

    @staticmethod
    def _from_ring(letters: list[Atom], data: dict[tuple[int, ...], fmpz]) -> Poly:
        return Poly(
            {
                monomial((a, int(e)) for a, e in zip(letters, exps, strict=True) if e): fmpq(c)
                for exps, c in data.items()
            }
        )

    # -- numbers, exp, log ---------------------------------------------------------------------------------------

    def number_power(self, value: fmpq, exponent: Fraction) -> Poly:
        """A rational power of a rational: integer parts are carried out, primes keep a fraction in (0, 1)."""
        if exponent.denominator == 1:
            if abs(exponent) > 4096:
                raise BudgetError(f"the power {exponent} of a number is more than is carried out")
            return number(value ** int(exponent))
        if value < 0 and exponent.denominator % 2 == 1:  # an odd root of a negative number
            return self.number_power(-value, exponent).scaled(fmpq(-1 if exponent.numerator % 2 else 1))
        if value < 0:
            raise UnsupportedError("a root of a negative number is not real")
        result, roots = fmpq(1), []
        for prime, e in _prime_factors(value):
            power = e * exponent
            whole = power.numerator // power.denominator
            result = result * fmpq(prime) ** whole
            if power != whole:
                roots.append((at.prime_atom(prime), power - whole))
        return Poly({monomial(roots): result})

    def symbolic(self, base: Poly, exponent: Poly) -> Poly:
        """b ** e with an e that is no number: exp(e log b) if b is known to be positive, else opaque."""
        constant = exponent.constant()
        if constant is not None:
            return self.raised(base, Fraction(int(constant.p), int(constant.q)))
        if is_positive_sum(base):
            return self.exponential(exponent * self.logarithm(base))
        return atom_poly(at.function_atom("pow", (base, exponent)))

    def exponential(self, argument: Poly) -> Poly:
        """exp(a + b) = exp(a) exp(b); exp(c log a) = a ** c."""
        factors: list[tuple[Atom, Exponent]] = []
        result = ONE
        for mono, coefficient in argument.terms.items():
            power = Fraction(int(coefficient.p), int(coefficient.q))
            if len(mono) == 1 and mono[0][0].kind == "log" and mono[0][1] == 1:
                result = result * self.raised(mono[0][0].polys[0], power)
            else:
                factors.append((at.exp_atom(term(mono)), plain_exponent(power)))
        return result.shifted(monomial(factors))

    def logarithm(self, argument: Poly) -> Poly:
        """log(a b) = log a + log b and log(a ** c) = c log a, for factors known to be positive."""
        if not argument:
            raise ZeroDivisionError("the logarithm of something that is zero")
        single = argument.single()
        if single is not None:
            mono, content, rest = single[0], single[1], ONE
        else:
            content, mono, rest = self.content(argument, whole=False)
        total = NOTHING
        inside: list[tuple[Atom, Exponent]] = []
        for atom, e in mono:
            if atom.kind == "exp":
                total = total + atom.polys[0].scaled(rational(Fraction(e)))
            elif atom.key in self.context.logarithms:
                total = total + self.context.logarithms[atom.key].scaled(rational(Fraction(e)))
            elif atom.positive or (atom.kind == "power" and _root_guards(e)):  # a root exists where its base is >= 0
                inner = atom.polys[0] if atom.kind == "power" else atom_poly(atom)
                total = total + atom_poly(at.log_atom(inner)).scaled(rational(Fraction(e)))
            else:
                inside.append((atom, e))
        if content < 0:
            rest, content = rest.scaled(fmpq(-1)), -content
        for prime, k in _prime_factors(content):
            total = total + atom_poly(at.log_atom(number(prime))).scaled(fmpq(k))
        rest = rest.shifted(monomial(inside))
        return total if rest.key == ONE.key else total + atom_poly(at.log_atom(rest))

    def absolute(self, argument: Poly) -> Poly:
        """|z| as the root of its square, and |u v| = |u| |v|."""
        value = argument.constant()
        if value is not None:
            return number(abs(value))
        content, common, primitive = self.content(argument, whole=True)
        result = number(abs(content))
        for atom, e in common:
            whole = atom.positive or (isinstance(e, int) and e % 2 == 0)
            result = result * (atom_poly(atom, e) if whole else self._named(atom_poly(atom, 2), Fraction(e) / 2))
        if primitive.constant() is not None:
            return result
        for factor, k in self.factored(primitive):
            magnitude = self._root_of_square(factor)
            for _ in range(k):
                result = result * magnitude
        return result

    def _root_of_square(self, factor: Poly) -> Poly:
        value = factor.constant()
        if value is not None:
            return number(abs(value))
        if is_positive_sum(factor):
            return factor
        return self._named(factor * factor, Fraction(1, 2))

    def function(self, name: str, arguments: tuple[Poly, ...]) -> Poly:
        """Named functions in terms of exp where a law is known; others stay opaque."""
        first = arguments[0]
        match name:
            case "exp":
                return self.exponential(first)
            case "log":
                return self.logarithm(first)
            case "logistic":  # e^z / (1 + e^z)
                e = self.exponential(first)
                return e * self.raised(e + ONE, Fraction(-1))
            case "tanh":  # (e^2z - 1) / (e^2z + 1)
                e = self.exponential(first.scaled(fmpq(2)))
                return (e - ONE) * self.raised(e + ONE, Fraction(-1))
            case "cosh" | "sinh":
                e = self.exponential(first)
                inverse = self.raised(e, Fraction(-1))
                return (e + inverse if name == "cosh" else e - inverse).scaled(fmpq(1, 2))
            case "relu" | "step" if (value := first.constant()) is not None:
                return number(Rationals().function(name, [value]))
            case "abs":
                return self.absolute(first)
            case "max" | "min" if arguments[0].key == arguments[1].key:
                return first
            case "sin" | "cos":
                return circular(self.context, name, first)
            case "arcsin" | "arctan":
                return angle(self.context, name, first)
            case "factorial":
                return factorial(self.context, first)
            case "binomial":
                return binomial(self.context, *arguments)
            case "floor":
                return floor(self.context, first)
            case "ceil":
                return floor(self.context, first.scaled(fmpq(-1))).scaled(fmpq(-1))
            case _:
                return atom_poly(at.function_atom(name, arguments))


def _lowest(one: dict[Atom, Exponent], other: dict[Atom, Exponent]) -> dict[Atom, Exponent]:
    """The lower exponent of each atom, 0 where it does not stand; those that are 0 are left out."""
    lower = {a: e for a, e in one.items() if (e < 0 if a not in other else e <= other[a])}
    lower |= {a: e for a, e in other.items() if (e < 0 if a not in one else e < one[a])}
    return lower


def _even(inner: Exponent, outer: Fraction) -> bool:
    """(a^4)^(1/2) = a^2 for every real a, and (a^3)^(1/3) = a; but (a^2)^(1/2) = |a|."""
    if outer.denominator % 2 == 1:
        return True
    product = inner * outer
    return isinstance(inner, int) and product.denominator == 1 and product.numerator % 2 == 0


def _root_guards(exponent: Exponent) -> bool:
    """A base that stands under an even root is >= 0 wherever the expression is defined."""
    return isinstance(exponent, Fraction) and exponent.denominator % 2 == 0


def is_positive_sum(poly: Poly) -> bool:
    """Is this a sum of positive terms, each a product of positive atoms?"""
    return bool(poly.terms) and all(c > 0 and all(atom.positive for atom, _ in mono) for mono, c in poly.terms.items())


def _prime_factors(value: fmpq) -> list[tuple[int, int]]:
    """value = product of prime ** exponent, for value > 0."""
    if abs(int(value.p)).bit_length() > 256 or int(value.q).bit_length() > 256:
        raise BudgetError("a root of a number this long is more than is factored")
    above = [(int(p), int(e)) for p, e in fmpz(value.p).factor()]
    return sorted(above + [(int(p), -int(e)) for p, e in fmpz(value.q).factor()])
