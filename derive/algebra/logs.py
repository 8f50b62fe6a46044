"""Exact numbers q + sum_p c_p log p: what softmax and cross-entropy need at a point worked by hand."""

from __future__ import annotations

from fractions import Fraction

from flint import fmpq, fmpz
from msgspec import Struct

from derive.algebra.evaluate import NotExactError, Rationals


class LogNumber(Struct, frozen=True):
    """`whole` + sum of coefficient * log(prime); the logarithms of primes are linearly independent over Q."""

    whole: fmpq
    logs: tuple[tuple[int, fmpq], ...] = ()

    def __add__(self, other: LogNumber) -> LogNumber:
        table = dict(self.logs)
        for prime, c in other.logs:
            table[prime] = table.get(prime, fmpq(0)) + c
        return LogNumber(self.whole + other.whole, tuple(sorted((p, c) for p, c in table.items() if c != 0)))

    def __mul__(self, other: LogNumber) -> LogNumber:
        if self.logs and other.logs:
            raise NotExactError("a product of logarithms")
        if other.logs:
            return other * self
        scaled = tuple((p, c * other.whole) for p, c in self.logs) if other.whole != 0 else ()
        return LogNumber(self.whole * other.whole, scaled)

    def __str__(self) -> str:
        """'39/160', 'log(6)', '1/2*log(3/4)': one logarithm of a rational, scaled."""
        whole = str(Fraction(int(self.whole.p), int(self.whole.q)))
        if not self.logs:
            return whole
        scale = fmpz(1)
        for _, c in self.logs:
            scale = scale * c.q // scale.gcd(c.q)
        inside = Fraction(1)
        for prime, c in self.logs:
            inside *= Fraction(prime) ** int((c * scale).p)
        sign = ""
        if inside < 1:
            sign, inside = "-", 1 / inside
        logarithm = f"{sign}log({inside})" if scale == 1 else f"{sign}1/{scale}*log({inside})"
        return logarithm if self.whole == 0 else f"{whole} + {logarithm}"


class LogNumbers:
    """Arithmetic on LogNumber; what leaves these numbers raises NotExactError."""

    rationals = Rationals()

    def number(self, value: Fraction) -> LogNumber:
        return LogNumber(self.rationals.number(value))

    def power(self, base: LogNumber, exponent: Fraction) -> LogNumber:
        if base.logs and exponent != 1:
            raise NotExactError("a power of a logarithm")
        return base if exponent == 1 else LogNumber(self.rationals.power(base.whole, exponent))

    def function(self, name: str, arguments: list[LogNumber]) -> LogNumber:
        z = arguments[0]
        match name:
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
            case _:
                raise NotExactError(name)

    @staticmethod
    def _exp(z: LogNumber) -> fmpq:
        if z.whole != 0 or any(c.q != 1 for _, c in z.logs):
            raise NotExactError("exp of a number that is no logarithm")
        result = fmpq(1)
        for prime, c in z.logs:
            result = result * fmpq(prime) ** int(c.p)
        return result

    @staticmethod
    def _log(z: LogNumber) -> LogNumber:
        if z.logs or z.whole <= 0:
            raise NotExactError("log of a number that is not a positive rational")
        table = [(int(p), fmpq(int(e))) for p, e in z.whole.p.factor()]
        table += [(int(p), fmpq(-int(e))) for p, e in z.whole.q.factor()]
        return LogNumber(fmpq(0), tuple(sorted(table)))
