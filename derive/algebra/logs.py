"""Exact numbers q + sum_p c_p log p: what softmax and cross-entropy need at a point worked by hand."""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx, fmpq, fmpz
from msgspec import Struct

from derive.algebra.evaluate import NotExactError, Rationals

LARGEST = 10**9  # inside a printed logarithm
MOST = 30  # the exponent of a prime inside a printed logarithm
FACTORED_BITS = 100  # of a number that is factored
LARGEST_POWER = 4096  # of a prime that exp gives back
BY_RATIONALS = (
    "sinh", "cosh", "sin", "cos", "arcsin", "arctan", "pow", "factorial", "binomial", "floor", "ceil", "max", "min",
)  # fmt: skip


class LogNumber(Struct, frozen=True, gc=False):
    """`whole` + sum of coefficient * log(prime); the logarithms of primes are linearly independent over Q.

    Or `whole` * e^power: powers of e with different rational exponents are linearly independent too.
    """

    whole: fmpq
    logs: tuple[tuple[int, fmpq], ...] = ()
    power: Fraction | int = 0  # nearly always, so not a Fraction, which compares slowly

    def __add__(self, other: LogNumber) -> LogNumber:
        if self.power or other.power:
            return self._of_power(other)
        if not self.logs and not other.logs:
            return LogNumber(self.whole + other.whole)
        table = dict(self.logs)
        for prime, c in other.logs:
            table[prime] = table.get(prime, fmpq(0)) + c
        return LogNumber(self.whole + other.whole, tuple(sorted((p, c) for p, c in table.items() if c != 0)))

    def _of_power(self, other: LogNumber) -> LogNumber:
        """a e^r + b e^r, or one of them and 0."""
        if self.whole == 0 and not self.logs:
            return other
        if other.whole == 0 and not other.logs:
            return self
        if self.power != other.power:
            raise NotExactError("a sum of different powers of e")
        whole = self.whole + other.whole
        return LogNumber(whole, (), self.power if whole != 0 else 0)

    def __mul__(self, other: LogNumber) -> LogNumber:
        if self.power or other.power:
            if self.logs or other.logs:
                raise NotExactError("a logarithm times a power of e")
            whole = self.whole * other.whole
            return LogNumber(whole, (), self.power + other.power if whole != 0 else 0)
        if self.logs and other.logs:
            raise NotExactError("a product of logarithms")
        if other.logs:
            return other * self
        if not self.logs:
            return LogNumber(self.whole * other.whole)
        scaled = tuple((p, c * other.whole) for p, c in self.logs) if other.whole != 0 else ()
        return LogNumber(self.whole * other.whole, scaled)

    def _scale(self) -> fmpz:
        """The least number that makes all coefficients whole."""
        scale = fmpz(1)
        for _, c in self.logs:
            scale = scale * c.q // scale.gcd(c.q)
        return scale

    def logarithm(self) -> tuple[Fraction, Fraction]:
        """scale and inside: the logarithms together are scale * log(inside), with inside > 1."""
        scale = self._scale()
        inside = Fraction(1)
        for prime, c in self.logs:
            inside *= Fraction(prime) ** int((c * scale).p)
        return (Fraction(1, int(scale)), inside) if inside >= 1 else (Fraction(-1, int(scale)), 1 / inside)

    def sign(self) -> int:
        """-1, 0 or 1. Logarithms of primes and 1 have no rational relation, so only 0 is 0."""
        if not self.logs:
            return int(self.whole > 0) - int(self.whole < 0)
        for bits in (64, 256, 1024, 4096):
            with ctx.workprec(bits):
                value = arb(self.whole.p) / arb(self.whole.q)
                for prime, c in self.logs:
                    value += arb(c.p) / arb(c.q) * arb(prime).log()
                if not value.contains(0):
                    return 1 if value > 0 else -1
        raise NotExactError("a sum of logarithms that is too near to 0")

    def _by_primes(self) -> str:
        whole = str(Fraction(int(self.whole.p), int(self.whole.q)))
        terms = [f"{Fraction(int(c.p), int(c.q))}*log({prime})" for prime, c in self.logs]
        return " + ".join([*([whole] if self.whole != 0 else []), *terms]).replace("+ -", "- ")

    def __str__(self) -> str:
        """'39/160', 'log(6)', '1/2*log(3/4)': one logarithm of a rational, scaled; of large ones, prime by prime."""
        whole = str(Fraction(int(self.whole.p), int(self.whole.q)))
        if self.power:
            return f"exp({self.power})" if whole == "1" else f"{whole}*exp({self.power})"
        if not self.logs:
            return whole
        if any(abs((c * self._scale()).p) > MOST for _, c in self.logs):  # 2^31 is larger than what is printed
            return self._by_primes()
        scale, inside = self.logarithm()
        if max(inside.numerator, inside.denominator) > LARGEST:
            return self._by_primes()
        sign = "-" if scale < 0 else ""
        logarithm = f"{sign}log({inside})" if abs(scale) == 1 else f"{sign}{abs(scale)}*log({inside})"
        return logarithm if self.whole == 0 else f"{whole} + {logarithm}"


class LogNumbers:
    """Arithmetic on LogNumber; what leaves these numbers raises NotExactError."""

    rationals = Rationals()

    def number(self, value: Fraction) -> LogNumber:
        return LogNumber(self.rationals.number(value))

    def power(self, base: LogNumber, exponent: Fraction) -> LogNumber:
        if base.logs and exponent != 1:
            raise NotExactError("a power of a logarithm")
        if base.power:
            return LogNumber(self.rationals.power(base.whole, exponent), (), base.power * exponent)
        return base if exponent == 1 else LogNumber(self.rationals.power(base.whole, exponent))

    def function(self, name: str, arguments: list[LogNumber]) -> LogNumber:
        if not arguments:
            raise NotExactError(name)
        if name in BY_RATIONALS and not any(one.logs or one.power for one in arguments):
            return LogNumber(self.rationals.function(name, [one.whole for one in arguments]))
        z = arguments[0]
        match name:
            case "exp" if not z.logs and not z.power:
                return LogNumber(fmpq(1), (), Fraction(int(z.whole.p), int(z.whole.q)))
            case "exp":
                return LogNumber(self._exp(z))
            case "log":
                return self._log(z)
            case "logistic":
                e = self._exp(z)
                return LogNumber(e / (1 + e))
            case "tanh":
                e = self._exp(z + z)
                return LogNumber((e - 1) / (e + 1))
            case "relu" | "step" | "abs":
                return self._by_sign(name, z)
            case _:
                raise NotExactError(name)

    @staticmethod
    def _exp(z: LogNumber) -> fmpq:
        if z.whole != 0 or z.power or any(c.q != 1 for _, c in z.logs):
            raise NotExactError("exp of a number that is no logarithm")
        result = fmpq(1)
        for prime, c in z.logs:
            if abs(c.p) > LARGEST_POWER:
                raise NotExactError("a power that is too large to carry out")
            result = result * fmpq(prime) ** int(c.p)
        return result

    def _by_sign(self, name: str, z: LogNumber) -> LogNumber:
        """At 0 the step is 0, by convention."""
        sign = z.sign()
        if name == "step":
            return LogNumber(fmpq(int(sign > 0)))
        if sign < 0:
            return z * LogNumber(fmpq(-1)) if name == "abs" else LogNumber(fmpq(0))
        return z

    @staticmethod
    def _log(z: LogNumber) -> LogNumber:
        if z.logs or z.power or z.whole <= 0:
            raise NotExactError("log of a number that is not a positive rational")
        if max(int(z.whole.p).bit_length(), int(z.whole.q).bit_length()) > FACTORED_BITS:
            raise NotExactError("log of a number that is too large to factor")
        table = [(int(p), fmpq(int(e))) for p, e in z.whole.p.factor()]
        table += [(int(p), fmpq(-int(e))) for p, e in z.whole.q.factor()]
        return LogNumber(fmpq(0), tuple(sorted(table)))
