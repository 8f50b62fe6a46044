"""Every number of the problems, in every convention; and the rules against loops that do the work and count it."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest

from derive.catalogue import load
from derive.engines.costs import counted
from derive.engines.derive import derive_problem
from derive.engines.fields import fields
from derive.engines.ledger import ledger
from derive.language.derivation import Part
from derive.language.layer import Convolution, Features, Layer, Linear, Network, Pooling
from derive.language.plain import plain
from derive.verification.report import examine

PROBLEMS = ("conv_cost", "cnn_params", "inception_cost", "residual_cost", "lenet_cost", "lenet_shapes", "mlp_shapes",
            "receptive_field", "bn_shapes")  # fmt: skip


@cache
def parts(problem: str) -> dict[str, Part]:
    return {part.question.id: part for part in derive_problem(load(problem)).parts}


def answers(problem: str, part: str) -> dict[str, str]:
    """Under the conventions in force (''), and under the others."""
    found = parts(problem)[part]
    others = {", ".join(other.convention.values()): plain(other.right) for other in found.others}
    return {"": plain(found.claim.right), **others}


# (problem, part): the answer, and what other conventions give; each worked out by hand beside it
NUMBERS: dict[tuple[str, str], dict[str, str]] = {
    ("conv_cost", "params_conv1"): {"": str(256 * 128 * 9), "with": str(256 * 128 * 9 + 256)},
    ("conv_cost", "params_conv2"): {"": str(512 * 256 * 9), "with": str(512 * 256 * 9 + 512)},
    ("conv_cost", "params"): {"": "1474560", "with": "1475328"},
    ("conv_cost", "madds_conv1"): {
        "": str(32 * 32 * 294912),
        "separate": str(2 * 32 * 32 * 294912),
        "skipped": str(256 * 128 * 95 * 95),  # of 3·32 taps along an axis one falls on a zero
        "separate, skipped": str(2 * 256 * 128 * 95 * 95),
    },
    ("conv_cost", "madds_conv2"): {
        "": str(32 * 32 * 1179648),
        "separate": str(2 * 32 * 32 * 1179648),
        "skipped": str(512 * 256 * 94 * 94),  # with stride 1 two do
        "separate, skipped": str(2 * 512 * 256 * 94 * 94),
    },
    ("conv_cost", "memory_in"): {"": str(128 * 64 * 64)},
    ("conv_cost", "memory_between"): {"": str(256 * 32 * 32)},
    ("conv_cost", "memory_out"): {"": str(512 * 32 * 32)},
    ("conv_cost", "memory"): {"": "(2, 1, 2)"},
    ("cnn_params", "params_conv1"): {"": "2800", "without": "2700"},
    ("cnn_params", "params_conv2"): {"": "180200", "without": "180000"},
    ("cnn_params", "params_conv3"): {"": "720400", "without": "720000"},
    ("cnn_params", "params"): {"": "903400", "without": "902700"},
    ("residual_cost", "basic_with_params_conv1"): {"": "9248"},
    ("residual_cost", "basic_with_params"): {"": "18496"},
    ("residual_cost", "basic_without_params"): {"": "18432"},
    ("residual_cost", "bottleneck_with_params_conv1"): {"": "4128"},
    ("residual_cost", "bottleneck_with_params_conv2"): {"": "9248"},
    ("residual_cost", "bottleneck_with_params_conv3"): {"": "4224"},
    ("residual_cost", "bottleneck_with_params"): {"": "17600"},
    ("residual_cost", "bottleneck_without_params"): {"": "17408"},
    ("inception_cost", "naive_params_1x1"): {"": str(128 * 257), "without": str(128 * 256)},
    ("inception_cost", "naive_params_3x3"): {"": str(192 * 2305), "without": str(192 * 2304)},
    ("inception_cost", "naive_params_5x5"): {"": str(96 * 6401), "without": str(96 * 6400)},
    ("inception_cost", "naive_muls_5x5"): {"": str(96 * 1024 * 6400), "skipped": str(96 * 256 * 154 * 154)},
    ("inception_cost", "naive_acts"): {"": str((128 + 192 + 96) * 1024)},
    ("inception_cost", "bottleneck_params_3x3"): {"": str(64 * 257 + 192 * 577), "without": str(64 * 256 + 192 * 576)},
    ("inception_cost", "bottleneck_params_pool"): {"": str(64 * 257), "without": str(64 * 256)},
    ("inception_cost", "bottleneck_muls_1x1"): {"": str(128 * 1024 * 256)},
    ("inception_cost", "bottleneck_acts"): {"": str((128 + 64 + 192 + 64 + 96 + 64) * 1024)},
    ("lenet_cost", "params"): {"": "61470", "with": "61706"},
    ("lenet_cost", "params_C1"): {"": "150", "with": "156"},
    ("lenet_cost", "params_C3"): {"": "2400", "with": "2416"},
    ("lenet_cost", "params_C5"): {"": "48000", "with": "48120"},
    ("lenet_cost", "params_F6"): {"": "10080", "with": "10164"},
    ("lenet_cost", "params_output"): {"": "840", "with": "850"},
    ("lenet_cost", "conns_C1"): {"": str(28 * 28 * 150), "with": str(28 * 28 * 156)},
    ("lenet_cost", "conns_C3"): {"": str(100 * 2400), "with": str(100 * 2416)},
    # the paper of 1998: C1 156 and 122304, S2 12 and 5880, C3 1516 and 151600, S4 32 and 2000, C5 48120, F6 10164
    ("lenet_cost", "old_params_C1"): {"": "156"},
    ("lenet_cost", "old_conns_C1"): {"": "122304"},
    ("lenet_cost", "old_params_S2"): {"": "12"},
    ("lenet_cost", "old_conns_S2"): {"": "5880"},
    ("lenet_cost", "old_params_C3"): {"": "1516"},
    ("lenet_cost", "old_conns_C3"): {"": "151600"},
    ("lenet_cost", "old_params_S4"): {"": "32"},
    ("lenet_cost", "old_conns_S4"): {"": "2000"},
    ("lenet_cost", "old_conns_C5"): {"": "48120"},
    ("lenet_cost", "old_params_F6"): {"": "10164"},
    ("lenet_cost", "old_params"): {"": str(60_000 + 850)},  # 60,000 in the paper, the output apart
    ("lenet_cost", "old_conns"): {"": str(340_908 + 10)},  # 340,908 in the paper, with an output that has no bias
    ("lenet_cost", "old_without_params_C3"): {"": "1500"},
    ("mlp_shapes", "X"): {"": "(m, 10)"},
    ("mlp_shapes", "Wh"): {"": "(10, 50)"},
    ("mlp_shapes", "bh"): {"": "(50,)"},
    ("mlp_shapes", "Wo"): {"": "(50, 3)"},
    ("mlp_shapes", "bo"): {"": "(3,)"},
    ("mlp_shapes", "Y"): {"": "(m, 3)"},
    ("receptive_field", "y3_field"): {"": "16"},
    ("receptive_field", "y3_jump"): {"": "4"},
}


@pytest.mark.parametrize(("problem", "part"), NUMBERS)
def test_a_number_and_what_other_conventions_give(problem: str, part: str) -> None:
    assert answers(problem, part) == NUMBERS[problem, part]


def test_lenets_table_of_shapes() -> None:
    shapes = [plain(part.claim.right) for part in parts("lenet_shapes").values()]
    assert shapes == ["(28, 28, 6)", "(14, 14, 6)", "(10, 10, 16)", "(5, 5, 16)", "(400,)", "(120,)", "(84,)", "(10,)"]


def test_what_outputs_see() -> None:
    """[4i - 6, 4i + 9] where indices start at 0 is [4i - 9, 4i + 6] where they start at 1."""
    seen = {part: answers("receptive_field", part) for part in ("y1", "y2", "y3")}
    assert seen["y1"][""] == "X[:, (i - 2 : i + 2), (j - 2 : j + 2)]"
    assert seen["y2"][""] == "X[:, (2*i - 3 : 2*i + 2), (2*j - 3 : 2*j + 2)]"
    assert seen["y3"][""] == "X[:, (4*i - 9 : 4*i + 6), (4*j - 9 : 4*j + 6)]"
    clipped = "X[:, (max(i - 2, 1) : min(i + 2, H)), (max(j - 2, 1) : min(j + 2, W))]"
    assert seen["y1"]["clipped"] == clipped


def test_the_perceptron_in_one_formula() -> None:
    claim = parts("mlp_shapes")["equation"].claim
    assert plain(claim.left) == "Y[i, l]"
    assert plain(claim.right) == "relu(sum(relu(sum(X[i, j]*W_h[j, k], j) + b_h[k])*W_o[k, l], k) + b_o[l])"


@pytest.mark.parametrize("problem", PROBLEMS)
def test_all_of_it_is_proved(problem: str) -> None:
    report = examine(derive_problem(load(problem)))
    assert {checked.verdict.kind for checked in report.parts} == {"proved"}
    assert {verdict.kind for verdict in report.lines.values()} == {"proved"}
    assert len(report.mistakes) >= 2


# -- loops that do the work --------------------------------------------------------------------------------------------


class Machine:
    """Does a layer value by value, and counts what it does."""

    def __init__(self) -> None:
        self.muls = self.adds = self.real = 0

    def convolve(self, layer: Convolution, c_in: int, spatial: tuple[int, ...]) -> int:
        """Places at which the window fits; every product is made, every addition but the first of each value."""
        k, s, p, d = (int(getattr(layer, f)) for f in ("kernel", "stride", "padding", "dilation"))  # type: ignore[call-overload]
        c_out, groups = int(layer.channels), int(layer.groups)  # type: ignore[call-overload]
        places = [[o for o in range(n + 2 * p) if o % s == 0 and o + d * (k - 1) < n + 2 * p] for n in spatial]
        values = 0
        for out, where in product(range(c_out), product(*places)):
            values += 1
            terms = 0
            for c in range(c_in):
                if c * groups // c_in != out * groups // c_out:
                    continue
                for tap in product(range(k), repeat=len(spatial)):
                    at = [o + d * t - p for o, t in zip(where, tap, strict=True)]
                    self.muls += 1
                    self.real += all(0 <= x < n for x, n in zip(at, spatial, strict=True))
                    self.adds += terms > 0
                    terms += 1
            self.adds += layer.bias
        return values


CASES = [
    (Convolution(name="c", channels=4, kernel=k, stride=s, padding=p, dilation=d, groups=g, bias=b), 2, spatial)
    for k, s, p, d, g, b, spatial in product(
        (1, 2, 3), (1, 2, 3), (0, 1), (1, 2), (1, 2), (False, True), ((6,), (5, 7))
    )
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_the_rules_against_a_machine(case: int) -> None:
    layer, channels, spatial = CASES[case]
    machine = Machine()
    values = machine.convolve(layer, channels, spatial)
    (row,) = ledger(Network(Features(channels, spatial), (layer,)))
    assert counted("muls", row, {}) == counted("madds", row, {}) == machine.muls
    assert counted("madds", row, {"operations": "separate"}) == 2 * machine.muls
    assert counted("muls", row, {"padding": "skipped"}) == machine.real
    assert counted("adds", row, {}) == machine.adds
    assert counted("adds", row, {"additions": "K"}) == machine.adds + values
    assert counted("conns", row, {}) == machine.muls + values * layer.bias


def test_a_linear_layer_and_a_pooling_layer() -> None:
    linear, pool = (
        ledger(Network(Features(3, ()), (Linear(name="f", units=5),)))[0],
        ledger(Network(Features(2, (4, 6)), (Pooling(name="p", kernel=2),)))[0],
    )
    assert [counted(what, linear, {}) for what in ("params", "muls", "adds", "conns")] == [20, 15, 15, 20]
    assert counted("adds", linear, {"bias": "without"}) == 10
    assert [counted(what, pool, {}) for what in ("params", "comps", "conns")] == [0, 12 * 3, 0]
    assert counted("conns", pool, {"pooling": "inputs"}) == 48


def test_the_table_of_1998() -> None:
    from derive.problems.lenet_cost import TABLE

    assert sorted(map(len, TABLE)) == [3] * 6 + [4] * 9 + [6]
    assert all(len(set(row)) == len(row) and set(row) <= set(range(1, 7)) for row in TABLE)
    uses = [sum(n in row for row in TABLE) for n in range(1, 7)]
    assert uses == [10] * 6


def test_the_beginning_of_vgg() -> None:
    """Fields of 1, 3, 5, 6, 10, 14, 16: a window is multiplied by the jump before its own stride, not after."""
    layers: list[Layer] = []
    for block, convolutions in enumerate((2, 2)):
        layers += [Convolution(name=f"c{block}{n}", channels=4, kernel=3, padding=1) for n in range(convolutions)]
        layers.append(Pooling(name=f"p{block}", kernel=2))
    rows = ledger(Network(Features(3, (224, 224)), tuple(layers)))
    found = [fields(rows[: n + 1])[0] for n in range(len(rows))]
    assert [field.size for field in found] == [3, 5, 6, 10, 14, 16]
    assert [field.jump for field in found] == [1, 1, 2, 2, 2, 4]
    assert found[-1].start == -5
