r"""Lines of worked solutions to counting problems: own names, cells, words around a value; each beside a false one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from derive.checking import check
from derive.judging.message import message

LINES = [
    # names of one's own
    ("cnn_params", r"P_2 = (3\cdot3\cdot100+1)\cdot200 = 180{,}200", "proved", "params"),
    ("cnn_params", r"P_2 = (3\cdot3\cdot3+1)\cdot200 = 5{,}600", "refuted", "input channels of another layer"),
    ("cnn_params", r"P = P_1 + P_2 + P_3 = 2{,}800 + 180{,}200 + 720{,}400 = 903{,}400", "proved", ""),
    ("cnn_params", r"P = P_1 + P_2 + P_3 = 2{,}800 + 180{,}200 + 720{,}200 = 903{,}200", "refuted", ""),
    ("cnn_params", r"P_l = (k^2\,c_{l-1} + 1)\,c_l", "proved", "bias"),
    ("cnn_params", r"P_l = (k^2\,c_{l-1} + 1)\,c_{l-1}", "refuted", ""),
    ("cnn_params", r"N_1 = 3\cdot3\cdot3\cdot100+100", "proved", "params"),
    ("cnn_params", r"N_1 = 3\cdot3\cdot3\cdot100+101", "refuted", ""),
    ("lenet_cost", r"w_{C1}=5\cdot5\cdot6=150", "proved", ""),
    ("lenet_cost", r"w_{C3}=5\cdot5\cdot6=150", "refuted", ""),
    ("lenet_cost", r"\text{conn}_{C1} = w_{C1}\cdot28\cdot28 = 117{,}600", "proved", "conns"),
    ("lenet_cost", r"\text{conn}_{C1} = w_{C1}\cdot24\cdot24 = 86{,}400", "refuted", "padding forgotten"),
    ("receptive_field", r"r_4 = 6+2\cdot2=10", "proved", "field"),
    ("receptive_field", r"r_4 = 6+2\cdot1=8", "refuted", "stride forgotten"),
    ("receptive_field", r"j_6 = 1\cdot1\cdot2\cdot1\cdot1\cdot2=4", "proved", "jump"),
    ("mlp_shapes", r"b_o\in\mathbb{R}^{m\times3}", "refuted", ""),  # the name of a part, and none of one's own
    # what is counted is seen from the value, where it is one alone that has it
    ("conv_cost", "sum = 1474560", "proved", "params"),
    ("conv_cost", "sum = 1474650", "unreadable", "does not say what is counted"),
    ("conv_cost", "conv2: 9*256*512 = 1179648", "proved", "params"),
    ("conv_cost", r"\text{Layer 1: }3\times3\times128\times256\times64\times64 = 1,207,959,552", "refuted", "stride"),
    ("conv_cost", "conv2: 3*3*256 = 2304", "unreadable", ""),  # true of one kernel
    ("inception_cost", r"\text{bottleneck }5\times5: 16{,}448+25\cdot64\cdot96=170{,}048", "refuted", "one layer"),
    ("inception_cost", r"\text{bottleneck }3\times3: 9\cdot256\cdot192+192=442{,}560", "refuted", "naive"),
    ("inception_cost", r"\text{params}_{3\times3}=(9\cdot256+1)\cdot192=442{,}560", "proved", "worked out"),
    ("inception_cost", r"\text{params}_{3\times3}=442{,}560", "depends", "bottleneck"),
    ("residual_cost", "3x3: 32*32*9+32 = 9248", "proved", ""),
    ("mlp_shapes", "10*50 + 50 + 50*3 + 3 = 703 parameters", "proved", ""),
    ("conv_cost", "conv3 costs 1.208 GMACs", "unreadable", ""),  # there is no such layer
    ("conv_cost", "FC1: 9*128*256 = 294912 params", "unreadable", ""),
    ("lenet_shapes", "total: 28x28x6", "unreadable", ""),
    # a window that is worked out is a size
    ("lenet_shapes", r"\text{Pool2}: \lfloor\frac{10-2}{2}\rfloor+1=5", "proved", "along each axis"),
    ("lenet_shapes", "conv1: 28-5+1=24", "refuted", "padding forgotten"),
    ("lenet_shapes", "Size after conv2: (14-5)/1+1 = 10", "proved", ""),
    ("lenet_shapes", "Size after conv2: (14-5)/1+3 = 10", "refuted", ""),
    ("conv_cost", "out = (64+2-3)//2+1 = 32", "proved", ""),
    ("lenet_shapes", "conv1: 28x28", "proved", "without the channels"),
    ("lenet_shapes", "conv1: 24x24", "refuted", ""),
    # cells
    ("lenet_shapes", "conv1 (28-5+2*2)/1+1 = 28 -> 28x28x6", "proved", ""),
    ("lenet_shapes", "conv1 (28-5+2*2)/1+1 = 28 -> 24x24x6", "refuted", ""),
    ("lenet_shapes", "28x28x1 -> 28x28x6 -> 14x14x6 -> 10x10x16 -> 5x5x16 -> 120 -> 84 -> 10", "proved", "layer"),
    ("lenet_shapes", "28x28x1 -> 24x24x6 -> 12x12x6 -> 8x8x16 -> 4x4x16 -> 120 -> 84 -> 10", "refuted", "padding"),
    ("lenet_shapes", "28x28x1 -> 28x28x6 -> 10x10x16", "unreadable", ""),  # a layer is left out
    ("lenet_shapes", "Conv | 16 | 5x5 | 1 | 0 | 10x10x16", "proved", ""),
    ("lenet_shapes", "Conv | 16 | 5x5 | 1 | 0 | 14x14x16", "refuted", "padded"),
    ("lenet_shapes", "Conv | 1 | 5x5 | 1 | 0 | 10x10x16", "unreadable", ""),  # no convolution has one channel
    ("lenet_shapes", r"\text{Conv1 (6 filters, }5\times5\text{, padding }2)\to 28\times28\times6", "proved", ""),
    ("lenet_shapes", r"\text{Conv1 (6 filters, }5\times5\text{, padding }2)\to 24\times24\times6", "refuted", ""),
    # several statements under one head
    ("lenet_cost", r"\text{C1: weights }6\cdot5^2=150,\ \text{connections }150\cdot28^2=117{,}600", "proved", ""),
    ("lenet_cost", r"\text{C1: weights }6\cdot5^2=150,\ \text{connections }2400\cdot10^2=240{,}000", "refuted", "C3"),
    ("lenet_cost", r"\text{C1 with bias}: 26\cdot6=156,\ 156\cdot28\cdot28=122{,}304\text{ connections}", "proved", ""),
    ("bn_shapes", r"\text{FC: mean }(1,C),\ \text{variance }(1,C)", "proved", ""),
    ("bn_shapes", r"\text{FC: mean }(1,C),\ \text{variance }(N,1)", "refuted", ""),
    ("bn_shapes", r"\text{convolution: }\mu,\sigma^2\in\mathbb{R}^{1\times1\times1\times C}", "proved", ""),
    ("bn_shapes", r"\text{convolution: }\mu,\sigma^2\in\mathbb{R}^{1\times H\times W\times C}", "refuted", ""),
    ("bn_shapes", "NCHW: mean.shape = (1, C, 1, 1)", "proved", ""),
    ("bn_shapes", "NHWC: mean.shape = (1, C, 1, 1)", "refuted", ""),
    # words around a value
    ("conv_cost", "the network performs roughly 1.5 billion multiply-adds", "proved", "rounded"),
    ("conv_cost", "the network performs roughly 1.7 billion multiply-adds", "refuted", ""),
    ("conv_cost", "the network never performs 1.5 billion multiply-adds", "unreadable", ""),
    ("cnn_params", r"\text{Each of the }200\text{ filters has }3\times3\times100=900\text{ weights}", "proved", ""),
    ("cnn_params", r"\text{Each of the }400\text{ filters has }3\times3\times100=900\text{ weights}", "refuted", ""),
    ("residual_cost", "basic block, each layer: 3*3*32*32+32 = 9248", "proved", ""),
    ("residual_cost", "bottleneck block, each layer: 3*3*32*32+32 = 9248", "refuted", ""),
    ("mlp_shapes", "The shape of W_h is 10 x 50.", "proved", ""),
    ("mlp_shapes", "The shape of W_o is 10 x 50.", "refuted", ""),
    # quotients and differences
    ("conv_cost", "in : mid : out = 2 : 1 : 2", "proved", ""),
    ("conv_cost", "in : mid : out = 4 : 1 : 2", "refuted", ""),
    ("residual_cost", "Without bias the bottleneck has 94.4% of the parameters of the basic block.", "proved", ""),
    ("residual_cost", "Without bias the bottleneck has 94.4% fewer parameters than the basic block.", "refuted", ""),
    ("residual_cost", "with bias the bottleneck block has 896 fewer parameters than the basic block", "proved", ""),
    ("residual_cost", "with bias the bottleneck block has 896 more parameters than the basic block", "refuted", ""),
    ("residual_cost", "the bottleneck saves 1,024 parameters", "depends", "no layer has a bias"),
    ("inception_cost", "the bottleneck module saves about 0.74 million parameters", "proved", ""),
    ("cnn_params", r"\text{weights}_1 = 27\cdot100=2700", "proved", "without the biases"),
    ("cnn_params", r"\text{params}_1 = 27\cdot100=2700", "depends", "no layer has a bias"),
    ("lenet_cost", "total weights 150+2400+3000+10080+840 = 16470", "refuted", "48000 of C5 belongs"),
]


@pytest.mark.parametrize(("problem", "text", "verdict", "says"), LINES)
def test_lines(problem: str, text: str, verdict: str, says: str) -> None:
    found = check(problem, text)
    told = message(found, text) + found.read_as + "".join(finding.kind for finding in found.diagnosis)
    assert (found.verdict, says in told) == (verdict, True), told


# -- laws ------------------------------------------------------------------------------------------------------------

CLAIMS: list[dict[str, Any]] = [
    json.loads(line)
    for name in ("unseen_counts_again", "unseen_counts_third")
    for line in (Path(__file__).parents[1] / "submissions" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]
NUMBER = re.compile(r"\d(?:\d|,(?=\d{3})|\{,\}(?=\d{3}))*")


def proved(claim: dict[str, Any], text: str) -> bool:
    return check(claim["problem"], text, part=claim.get("part", "")).verdict == "proved"


def test_another_last_number_is_never_proved() -> None:
    """The last digit of the last number changed: it is a value, an exponent, or one end of an interval."""
    wrong = []
    for claim in CLAIMS:
        text = claim["statement"]
        numbers = list(NUMBER.finditer(text))
        if claim["truth"] != "right" or not numbers or claim["problem"] == "shared_weight_cnn":
            continue
        at = numbers[-1].end() - 1
        other = f"{text[:at]}{(int(text[at]) + 4) % 10}{text[at + 1 :]}"
        if proved(claim, other):
            wrong.append((text, other))
    assert wrong == []


def test_a_layer_that_is_not_there_has_no_counts() -> None:
    layer = re.compile(r"(?i)(?<![A-Za-z])(?:conv|fc|pool|C|F|S)(?:_)?[1-6](?!\d)")
    wrong = []
    for claim in CLAIMS:
        other = layer.sub("conv7", claim["statement"])
        if (
            other != claim["statement"]
            and claim["problem"] not in ("shared_weight_cnn", "mlp_shapes")
            and proved(claim, other)
        ):
            wrong.append((claim["statement"], other))
    assert wrong == []


UNITS = ("each : ", "H = X W", "a P_1", "conv1 12 ", "conv1 ->", "12 | ", "in : ", r"\text{a}, ")


@pytest.mark.parametrize("unit", UNITS)
def test_long_lines_end_soon(unit: str) -> None:
    """What is tried one after the other is tried in a time that grows little with the text."""
    text = (unit * 1000)[:1990]
    for problem in ("conv_cost", "lenet_cost", "mlp_shapes"):
        start = process_time()
        assert check(problem, text).verdict == "unreadable"
        assert process_time() - start < 5


def test_a_shape_without_its_channels_is_all_that_is_asked_by_convention_alone() -> None:
    found = check("lenet_shapes", "28x28", part="shape_conv1")
    assert (found.verdict, found.convention) == ("depends", "the places alone, without the channels")
