"""A window that slides along one axis: where its taps lie, and which outputs reach an input."""

from __future__ import annotations

from msgspec import Struct

from derive.language.expression import Expr, Index, delta, divides
from derive.language.plain import plain
from derive.language.tensor import Tensor


class Window(Struct, frozen=True):
    """One direction of a convolution: tap k of output t lies on input s (t - 1) + q (k - 1) + 1 - p.

    `input`, `output`, `tap`: indices n <= N, t <= T, k <= K. `stride` s >= 1, `padding` p >= 0 (zeros at either end),
    `dilation` q >= 1. Dumoulin and Visin 2016.
    """

    input: Index
    output: Index
    tap: Index
    stride: Tensor
    padding: Tensor
    dilation: Tensor

    @property
    def place(self) -> Expr:
        """The input position under tap k of output t."""
        return self.stride * (self.output - 1) + self.dilation * (self.tap - 1) + 1 - self.padding

    @property
    def hits(self) -> Expr:
        """Whether that is input n."""
        return delta(self.input, self.place)

    @property
    def source(self) -> Expr:
        """The output whose tap k lies on input n, where it is a whole number."""
        return self._back / self.stride + 1

    @property
    def whole(self) -> Expr:
        """Whether it is one."""
        return divides(self.stride, self._back)

    @property
    def spread(self) -> Expr:
        """How long the outputs are once s - 1 zeros stand between neighbours."""
        return self.stride * (self.output.upper - 1) + 1

    @property
    def starts(self) -> Expr:
        """Where output t stands among these."""
        return self.stride * (self.output - 1) + 1

    @property
    def aligned(self) -> Expr:
        """The position among these whose tap k lies on input n."""
        return self.input + self.padding - self.dilation * (self.tap - 1)

    @property
    def turned(self) -> Expr:
        """The same for a reversed kernel: a window of stride 1 and padding q (K - 1) - p."""
        reach = self.dilation * (self.tap.upper - 1) - self.padding
        return self.input + self.dilation * (self.tap - 1) - reach

    @property
    def _back(self) -> Expr:
        """s (t - 1), where tap k of output t lies on n."""
        return self.input + self.padding - 1 - self.dilation * (self.tap - 1)

    @property
    def conditions(self) -> dict[str, str]:
        """What a convolution needs of its sizes, each with what becomes of it otherwise."""
        length, count = plain(self.input.upper), plain(self.output.upper)
        return {
            self._fits: "the kernel is longer than the padded input, and there is no output",
            self._stays: "the last outputs stand on more padding than there is; every line still holds as printed",
            self._ends: f"outputs are left out. Several ${length}$ share one ${count}$ when ${self.stride.key} > 1$, so"
            f" ${count}$ does not tell ${length}$",
        }

    @property
    def _fits(self) -> str:
        """The kernel is no longer than the padded input."""
        return f"${plain(self.dilation * (self.tap.upper - 1) + 1)} <= {plain(self._padded)}$"

    @property
    def _stays(self) -> str:
        """No output reaches beyond the padding."""
        reach = self.stride * (self.output.upper - 1) + self.dilation * (self.tap.upper - 1) + 1
        return f"${plain(reach)} <= {plain(self._padded)}$"

    @property
    def _ends(self) -> str:
        """No output is left out."""
        reach = self.stride * self.output.upper + self.dilation * (self.tap.upper - 1)
        return f"${plain(self._padded)} <= {plain(reach)}$"

    @property
    def _padded(self) -> Expr:
        return self.input.upper + 2 * self.padding
