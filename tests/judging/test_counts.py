"""Answers to counting problems: tables of texts with their verdicts, and laws over all parts of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from derive.algebra.whole import as_expression, whole
from derive.catalogue import load
from derive.checking import check, subject
from derive.engines.answers import Counter
from derive.engines.faults import CHANGES, SLIPS, with_fault
from derive.errors import DeriveError
from derive.judging.counting.faults import slips
from derive.judging.counting.values import FORMS, same
from derive.judging.message import message
from derive.language.answers import Region, Shape, Span
from derive.language.counting import Count, Counting
from derive.language.derivation import Part
from derive.language.expression import Expr, Number
from derive.language.plain import plain
from derive.rendering.formula import latex

PROBLEMS = ("conv_cost", "cnn_params", "inception_cost", "residual_cost", "lenet_cost", "lenet_shapes", "mlp_shapes",
            "receptive_field", "bn_shapes")  # fmt: skip
PARTS: list[tuple[str, Part]] = [
    (name, part) for name in PROBLEMS for part in subject(name).known.derivation.parts if part.question.id != "equation"
]

TABLE = [
    # problem, part, text, verdict, what the convention, the reading or the diagnosis says
    ("conv_cost", "params_conv1", "294912", "proved", "no layer has a bias"),
    ("conv_cost", "params_conv1", "294,912", "proved", ""),
    ("conv_cost", "params_conv1", r"294{,}912", "proved", ""),
    ("conv_cost", "params_conv1", r"294\,912", "proved", ""),
    ("conv_cost", "params_conv1", r"3^2\cdot 128 \cdot 256", "proved", ""),
    ("conv_cost", "params_conv1", "3x3x128x256", "proved", ""),
    ("conv_cost", "params_conv1", r"3\times3\times128\times256=294,912", "proved", ""),
    ("conv_cost", "params_conv1", r"3\times3\times128\times256=294,192", "refuted", "digits transposed"),
    ("conv_cost", "params_conv1", r"3\times3\times128\times255=293,760", "depends", "not the answer to params_conv1"),
    ("conv_cost", "params_conv1", r"params_conv1=3\times3\times128\times255=293,760", "refuted", ""),
    ("conv_cost", "madds_conv1", r"294,912\times31\times31=283,410,432", "depends", "padding forgotten"),
    ("conv_cost", "params_conv1", "294,192", "refuted", "digits transposed"),
    ("conv_cost", "params_conv1", "295168", "depends", "every convolution and every linear layer has a bias"),
    ("conv_cost", "params_conv1", "294.912", "depends", "a point stands between thousands"),
    ("conv_cost", "params_conv1", "1,179,648", "refuted", "params_conv2"),
    ("conv_cost", "params_conv1", r"294912\%", "unreadable", "percentage"),
    ("conv_cost", "params_conv1", "(256, 32, 32)", "unreadable", ""),
    ("conv_cost", "params_conv1", "294912 trainable parameters", "proved", ""),
    ("conv_cost", "params_conv1", "294912 multiply-adds", "unreadable", "no name of params_conv1"),
    ("conv_cost", "params_conv1", r"\text{conv2} = 294912", "unreadable", "no name of params_conv1"),
    ("conv_cost", "params_conv1", r"\text{total} = 294912", "unreadable", "no name of params_conv1"),
    ("conv_cost", "params_conv1", r"294912 \ne 3", "unreadable", "relation"),
    ("conv_cost", "", "294912", "unreadable", "name the part"),
    ("conv_cost", "", "params_conv1 = 294912", "proved", ""),
    ("conv_cost", "", r"\text{params}(\text{conv1}) = 294\,912", "proved", ""),
    ("conv_cost", "", r"\text{total}=1,474,560", "proved", "no layer has a bias"),
    ("conv_cost", "", r"\text{total}=1,474,650", "unreadable", "does not say what is counted"),
    ("conv_cost", "", r"\text{total parameters}=1,474,560", "proved", ""),
    ("conv_cost", "", r"\text{parameters}=1,474,560", "unreadable", "does not say what is meant"),
    ("conv_cost", "", r"\text{parameters of conv2}=1,179,648", "proved", ""),
    ("conv_cost", "", r"12\text{ trainable parameters}", "unreadable", "does not say what is meant"),
    ("conv_cost", "params", r"\text{total}=1,474,560", "proved", ""),
    ("conv_cost", "memory_in", r"\text{input size}=524,288", "proved", ""),
    ("conv_cost", "memory_in", r"\text{output size}=524,288", "unreadable", "no name of memory_in"),
    ("conv_cost", "madds_conv1", "1,207,959,552", "refuted", "stride"),
    ("conv_cost", "madds", r"\text{total multi-adds}=1,275,494,400", "refuted", "padding forgotten"),
    ("conv_cost", "madds", "3,019,898,880", "depends", "a multiply-add is two"),
    ("conv_cost", "madds", r"1.51\times10^9", "proved", "rounded to the digits that are written"),
    ("conv_cost", "madds", r"1.52\times10^9", "undecided", "rounded"),
    ("conv_cost", "madds", r"\approx 2\times10^9", "undecided", "rounded"),
    ("conv_cost", "madds", r"\approx 1.6\times10^9", "refuted", ""),
    ("conv_cost", "", "W'=32", "proved", "width of the output of conv1, conv2"),
    ("conv_cost", "", "W'=31", "refuted", "padding forgotten"),
    ("conv_cost", "", "H_{out}=64", "refuted", "stride forgotten"),
    ("conv_cost", "", "D'=32", "depends", "D is the height"),
    ("conv_cost", "memory", "W'=32", "proved", ""),
    ("cnn_params", "", "W'=150", "depends", "true of conv1; false of conv2, conv3"),
    ("cnn_params", "shape_conv1", "W'=150", "proved", "width of the output of conv1"),
    ("cnn_params", "shape_conv1", "H'=150", "refuted", ""),
    ("conv_cost", "shape_conv1", "(256, 32, 32)", "proved", "N × C × H × W"),
    ("conv_cost", "shape_conv1", "[256, 32, 64/2]", "proved", ""),
    ("conv_cost", "shape_conv1", r"256 \times 32 \times 32", "proved", ""),
    ("conv_cost", "shape_conv1", "32x32x256", "depends", "N × H × W × C"),
    ("conv_cost", "shape_conv1", "(256,31,31)", "refuted", "padding forgotten"),
    ("conv_cost", "shape_conv1", "(256,64,64)", "refuted", "stride forgotten"),
    ("conv_cost", "shape_conv1", "262144", "unreadable", "one number"),
    ("conv_cost", "shape_conv1", "(1,256,32,32)", "unreadable", "comma"),
    ("conv_cost", "shape_conv1", "(1, 256, 32, 32)", "depends", "size 1"),
    ("conv_cost", "memory", "2:1:2", "proved", ""),
    ("conv_cost", "memory", "524,288 : 262,144 : 524,288", "proved", "other terms"),
    ("conv_cost", "memory", "2:1:1", "refuted", ""),
    ("conv_cost", "memory", "2:1", "unreadable", "a ratio of 3"),
    ("conv_cost", "memory", "1 : 0.5 : 1", "proved", "other terms"),
    ("inception_cost", "compare_params", r"314\%", "proved", "rounded"),
    ("inception_cost", "compare_params", "3.1", "proved", "rounded"),
    ("inception_cost", "compare_params", "3", "refuted", ""),
    ("conv_cost", "shape_conv1", r"32^2 \times 256", "unreadable", "one by one"),
    ("conv_cost", "shape_conv1", r"(32 \times 32) \times 256", "unreadable", "one by one"),
    ("bn_shapes", "conv_mean", "1 x 1 x 1 x C", "proved", ""),
    ("conv_cost", "params_conv1", r"\#\text{params} = 294912", "proved", ""),
    ("conv_cost", "params_conv1", "294912 k", "unreadable", ""),
    ("receptive_field", "y1", "X[:, [i-2, i+2], [j-2, j+2]]", "proved", ""),
    ("receptive_field", "y1", "X[:, [i-1, i+1], [j-1, j+1]]", "refuted", ""),
    ("mlp_shapes", "", "W_h : (10, 50)", "proved", ""),
    ("mlp_shapes", "", "W_{h} : 10 x 50", "proved", ""),
    ("mlp_shapes", "", r"W_h \in \mathbb{R}^{10\times 50}", "proved", ""),
    ("mlp_shapes", "", "W_h : (50, 10)", "refuted", "outputs × inputs"),
    ("mlp_shapes", "", "W_h : (50, 3)", "refuted", "another part"),
    ("mlp_shapes", "", "W_o : (m, 3)", "refuted", "a weight does not depend"),
    ("mlp_shapes", "", "b_h : (1, 50)", "proved", "one row"),
    ("mlp_shapes", "", "b_h : (50, 1)", "depends", "size 1"),
    ("mlp_shapes", "", "b_h : (50,)", "proved", ""),
    ("mlp_shapes", "Y", "(m, 3)", "proved", ""),
    ("mlp_shapes", "Y", r"m \times 3", "proved", ""),
    ("mlp_shapes", "Y", "(n, 3)", "unreadable", ""),
    ("mlp_shapes", "Y", "(32, 3)", "refuted", ""),
    ("mlp_shapes", "", r"\text{hidden result }(m,50)", "proved", ""),
    ("receptive_field", "y1", "X[:, (i-2:i+2), (j-2:j+2)]", "proved", "padding and drop out"),
    ("receptive_field", "y1", "X[1:3, i-2:i+2, j-2:j+2]", "proved", ""),
    ("receptive_field", "y1", "X[:, (i-1:i+1), (j-1:j+1)]", "refuted", ""),
    ("receptive_field", "y1", "X[:, (j-2:j+2), (i-2:i+2)]", "refuted", ""),
    ("receptive_field", "y1", "X[1, i-2:i+2, j-2:j+2]", "unreadable", ""),
    ("receptive_field", "y1", "X[:, i-2:i+3, j-2:j+3]", "depends", "the upper end of an interval"),
    ("receptive_field", "y2", "X[:, 2i-2:2i+3, 2j-2:2j+3]", "depends", "indices start at 0"),
    ("receptive_field", "y1", r"X[:, \max(1,i-2):\min(H,i+2), \max(1,j-2):\min(i+W-i,j+2)]", "proved", "borders"),
    ("receptive_field", "y1", r"X[:, \max(1,i-2):i+2, j-2:j+2]", "undecided", ""),
    ("receptive_field", "", "y1[k,i,j] = X[:, i:i+4, j:j+4]", "refuted", "padding"),
    ("receptive_field", "y1", "Y[:, (i-2:i+2), (j-2:j+2)]", "unreadable", ""),
    ("receptive_field", "y1_field", "5x5", "proved", ""),
    ("receptive_field", "y1_field", "5x6", "refuted", ""),
    ("receptive_field", "y1_field", "(5, 5, 5)", "unreadable", "each of 2 axes"),
    ("receptive_field", "y3_field", "11", "refuted", "stride"),
    ("receptive_field", "y3_start", "-5", "proved", ""),
    ("receptive_field", "y3_start", "-6", "depends", "indices start at 0"),
    ("bn_shapes", "conv_mean", "(1,1,1,C)", "proved", ""),
    ("bn_shapes", "conv_mean", "(C,)", "proved", "left out"),
    ("bn_shapes", "conv_mean", "(1,C,1,1)", "depends", "N × C × H × W"),
    ("bn_shapes", "conv_mean", "(1,H,W,C)", "refuted", "average over the places"),
    ("lenet_shapes", "", r"\text{Convolutional 6, 5x5, pad 2}\to\text{28x28x6}", "proved", ""),
    ("lenet_shapes", "", r"\text{Convolutional 6, 5x5, pad 2}\to\text{24x24x6}", "refuted", "padding forgotten"),
    ("lenet_shapes", "", r"\text{Convolutional 6, 3x3, pad 2}\to\text{28x28x6}", "unreadable", ""),
    ("lenet_shapes", "", r"\text{Max Pooling 2x2 stride 2}\to\text{14x14x6}", "proved", ""),
    ("lenet_shapes", "", r"\text{Max Pooling 2x2 stride 2}\to\text{13x13x6}", "refuted", ""),
    ("lenet_shapes", "shape_pool1", r"\text{Max Pooling 2x2 stride 2}\to\text{14x14x6}", "proved", ""),
    ("lenet_shapes", "shape_pool1", r"\text{Average Pooling 2x2}\to\text{14x14x6}", "unreadable", ""),
    ("lenet_shapes", "", r"\text{Fully Connected 120}\to\text{1x1x120}", "depends", "size 1"),
    ("lenet_shapes", "", r"\text{Fully Connected 84}\to 10164", "unreadable", ""),
    ("lenet_shapes", "", r"\text{Fully Connected 84}: 120x84", "unreadable", ""),
    ("lenet_cost", "", "params(1998, C1) = 156", "depends", "has a bias"),
    ("lenet_cost", "old_params_C1", "params(1998, C1) = 156", "proved", ""),
    ("lenet_cost", "shape_F6", r"\text{output} = 10", "unreadable", ""),
    ("lenet_cost", "old_params_C3", "2416", "refuted", "table ignored"),
    ("cnn_params", "params_conv1", "2701", "refuted", "bias once a layer"),
    ("inception_cost", "compare_params", r"\text{naive} = 1,089,952", "unreadable", ""),
    # numbers as they are typed
    ("conv_cost", "params", "1.47M", "proved", "rounded"),
    ("conv_cost", "params", "1.48M", "depends", "has a bias"),
    ("conv_cost", "params", "1.47k", "refuted", "power of ten"),
    ("conv_cost", "params", "147M", "refuted", "power of ten"),
    ("conv_cost", "params", "27M", "unreadable", "a letter or a unit"),
    ("conv_cost", "params", "1 474 560", "proved", ""),
    ("conv_cost", "madds", "3.02 GFLOPs", "depends", "two"),
    ("conv_cost", "", "total: 1.51 GMACs", "proved", "rounded"),
    ("conv_cost", "", "total: 3.02 GMACs", "refuted", "MAC = 2 FLOP"),
    ("lenet_cost", "shape_S2", "6@14x14", "proved", ""),
    ("lenet_shapes", "shape_pool1", "6@14x14", "proved", ""),
    ("inception_cost", "compare_params", r"\frac{1089952}{346720}\approx 3.14", "proved", ""),
    ("inception_cost", "compare_params", r"\frac{1089952}{346720}\approx 3.41", "refuted", "transposed"),
    # arithmetic beside an answer
    ("receptive_field", "y2_field", r"5 + (2-1)\cdot 2 = 7", "depends", "the stride of the layer itself"),
    ("receptive_field", "y3_jump", r"2\cdot 2 = 4", "proved", ""),
    ("receptive_field", "y3_field", "16 × 16 = 256", "depends", "entries of a square field"),
    ("lenet_shapes", "shape_conv2", r"\lfloor(14-5)/1\rfloor = 9", "depends", "one forgotten"),
    ("lenet_shapes", "shape_conv2", r"\lfloor(14-5)/1\rfloor + 1 = 10", "proved", ""),
    ("lenet_shapes", "shape_pool1", "28x28x6 -> 14x14x6", "proved", ""),
    ("lenet_shapes", "shape_pool1", "24x24x6 -> 14x14x6", "refuted", "padding forgotten"),
    # sentences
    ("lenet_cost", "", "With bias, the first layer has 156 parameters.", "proved", "has a bias"),
    ("lenet_cost", "", "Without bias, the first layer has 156 parameters.", "refuted", "bias counted"),
    ("cnn_params", "params_conv1", "The network has 2800 parameters", "unreadable", ""),
    ("cnn_params", "params_conv1", "Every layer has 2800 parameters", "unreadable", ""),
    ("conv_cost", "", "conv1 does not have 294912 parameters", "unreadable", "'does' is no word"),
    ("conv_cost", "", "conv1 has at least 294912 parameters", "unreadable", ""),
    ("conv_cost", "", "conv1 has 294912 parameters and conv2 has 1179648", "proved", ""),
    ("conv_cost", "", "conv1 has 294912 parameters and conv2 has 1179648 parameters", "proved", ""),
    ("conv_cost", "", "conv2 has 4 times as many parameters as conv1", "proved", ""),
    ("conv_cost", "", "conv1 has 4 times as many parameters as conv2", "refuted", "the other way round"),
    ("conv_cost", "", "conv2 has more parameters than conv1", "proved", ""),
    ("conv_cost", "", "conv2 has fewer parameters than conv1", "refuted", "the other way round"),
    ("conv_cost", "", "conv1 accounts for 20% of the multiply-adds", "proved", ""),
    ("conv_cost", "", "80% of the multiply-adds are in conv2", "proved", ""),
    ("conv_cost", "", "81% of the multiply-adds are in conv2", "refuted", ""),
    ("mlp_shapes", "", "X has m rows and 10 columns", "proved", ""),
    ("mlp_shapes", "", "X: (m, 10), W_h: (50, 10)", "refuted", "outputs × inputs"),
    ("receptive_field", "", "y1 sees a 5 × 5 patch of the input", "proved", ""),
    # recurrences of the receptive field
    ("receptive_field", "", r"r_l = r_{l-1} + (k_l - 1)\, j_{l-1}", "proved", "every layer"),
    ("receptive_field", "", r"r_{l} = r_{l-1} + (k_{l} - 1) s_{l}", "refuted", "own stride"),
    ("receptive_field", "", r"j_l = j_{l-1} s_l", "proved", ""),
    ("receptive_field", "", r"j_l = j_{l-1} s_{l-1}", "unreadable", "belongs to the layer before"),
    ("conv_cost", "", r"r_l = r_{l-1} + (k_l - 1)\, j_{l-1}", "unreadable", ""),
    # a false number beside the right one, with its working
    ("lenet_cost", "old_params_C1", "157", "refuted", r"6 \cdot (1 \cdot 5^{2} + 1) = 156"),
    ("conv_cost", "", r"params(conv1) = 3\cdot3\cdot128\cdot265 = 305,280", "refuted", "265 stands where 256 belongs"),
]

FORMULAS = [
    ("Y = a(a(XW_h+b_h)W_o+b_o)", "proved", "a is the activation function"),
    (r"Y = \operatorname{ReLU}(\operatorname{ReLU}(X W_{h} + b_{h}) W_{o} + b_o)", "proved", ""),
    (r"Y=\max(0,\max(0,XW_h+b_h)W_o+b_o)", "proved", ""),
    ("Y = ReLU(b_o + ReLU(b_h + X @ W_h) @ W_o)", "proved", ""),
    (r"Y=a(W_o^T a(W_h^T X^T + b_h^T) + b_o^T)^T", "proved", ""),
    ("Y = a(XW_h+b_h)W_o+b_o", "refuted", "activation missing"),
    ("Y = a(a(XW_h-b_h)W_o+b_o)", "refuted", ""),
    ("Y = a(a(XW_h)W_o+b_o)", "refuted", ""),
    ("Y = a(XW_hW_o+b_hW_o+b_o)", "refuted", ""),
    ("Y = XW_h+b_h", "refuted", "another shape"),
    ("Y = W_oa(W_hX+b_h)+b_o", "refuted", "m = 50 alone"),
    ("Y = a(W_o^T a(W_h^T X^T + b_h) + b_o)^T", "undecided", ""),
    ("Y = a(a(XW+b_h)W_o+b_o)", "unreadable", "no matrix"),
    ("Y = f(f(XW_h+b_h)W_o+b_o)", "proved", "f is the activation function"),
    ("Y = g(f(XW_h+b_h)W_o+b_o)", "unreadable", "two functions"),
    (r"Y = \sigma(\sigma(XW_h+b_h)W_o+b_o)", "unreadable", "no matrix"),  # which is the logistic function
    ("H = a(XW_h+b_h)", "proved", "H is what layer 2 gives"),
    ("H = a(XW_o+b_h)", "unreadable", ""),
    ("H = a(XW_h+b_h), Y = a(HW_o+b_o)", "proved", ""),
    ("H = a(XW_h+b_h), Y = HW_o+b_o", "refuted", "activation missing"),
    ("W_hX", "refuted", "which agree for m = 50 alone"),
    ("W_hb_h", "undecided", "do not fit"),
    ("Y = X'W_h", "unreadable", ""),
    ("W_oW_h", "refuted", "inner sizes 3 and 10"),
    ("XW_h", "unreadable", "nothing by itself"),
    (r"b_h\text{ is added to each row}", "unreadable", ""),
]


@pytest.mark.parametrize(("problem", "part", "text", "verdict", "says"), TABLE)
def test_table(problem: str, part: str, text: str, verdict: str, says: str) -> None:
    found = check(problem, text, part=part)
    told = message(found, text) + "".join(finding.kind for finding in found.diagnosis)
    assert (found.verdict, says in told) == (verdict, True), told


@pytest.mark.parametrize(("text", "verdict", "says"), FORMULAS)
def test_formulas(text: str, verdict: str, says: str) -> None:
    found = check("mlp_shapes", text)
    told = message(found, text) + "".join(finding.kind for finding in found.diagnosis)
    assert (found.verdict, says in told) == (verdict, True), told


def test_a_refuted_formula_shows_where() -> None:
    found = check("mlp_shapes", "Y = a(XW_h+b_h)W_o+b_o").counterexample
    assert found is not None
    assert max(0, int(found.right)) == int(found.left) != int(found.right)  # the missing ReLU


def test_what_is_given_is_judged() -> None:
    assert check("mlp_shapes", "X : (20, 10)", given={"m": 20}).verdict == "proved"
    assert check("mlp_shapes", "X : (30, 10)", given={"m": 20}).verdict == "refuted"


# -- laws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "part"), PARTS, ids=lambda one: one if isinstance(one, str) else one.question.id)
def test_every_printed_answer_is_proved(name: str, part: Part) -> None:
    ident, right = part.question.id, part.claim.right
    for text in (latex(right), plain(right), f"{ident} = {latex(right)}"):
        assert check(name, text, part=ident).verdict == "proved", text
    assert check(name, f"{latex(part.claim.left)} = {latex(right)}", part=ident).verdict == "proved"


@pytest.mark.parametrize(("name", "part"), PARTS, ids=lambda one: one if isinstance(one, str) else one.question.id)
def test_other_conventions_are_named(name: str, part: Part) -> None:
    for other in part.others:
        found = check(name, latex(other.right), part=part.question.id)
        if set(other.convention) <= FORMS:  # the same answer in another form
            assert (found.verdict, bool(found.reading)) == ("proved", True)
        else:
            assert found.verdict == "depends"
            assert found.convention


def perturbed(right: Expr) -> Iterator[Expr]:
    """Values that are surely different."""
    if isinstance(right, Number):
        value = right.value
        digits = str(abs(int(value)))
        swapped = [digits[:k] + digits[k + 1] + digits[k] + digits[k + 2 :] for k in range(len(digits) - 1)]
        wrong = {value + 1, value - 1, 2 * value, value + 10, *map(Fraction, swapped)} - {value, -value}
        yield from map(Number, sorted(wrong))
    elif isinstance(right, Shape):
        for place, size in enumerate(right.sizes):
            for changed in (whole(size) + 1, 2 * whole(size), 7):
                yield Shape((*right.sizes[:place], as_expression(changed), *right.sizes[place + 1 :]))
        yield from (Shape((*right.sizes, *right.sizes[:1])), Shape(right.sizes[1:] + right.sizes[:1]))
    elif isinstance(right, Region):
        for place, span in enumerate(right.spans):
            assert isinstance(span, Span)
            for other in (
                Span(span.lower - 1, span.upper),
                Span(span.lower, span.upper + 2),
                Span(span.lower + 1, span.upper + 1),
            ):
                yield Region(right.array, (*right.spans[:place], other, *right.spans[place + 1 :]), right.whole)


@pytest.mark.parametrize(("name", "part"), PARTS, ids=lambda one: one if isinstance(one, str) else one.question.id)
def test_no_wrong_answer_is_proved(name: str, part: Part) -> None:
    refuted = 0
    ratio = not isinstance(part.question.wants, Count)
    for wrong in perturbed(part.claim.right):
        if same(wrong, part.claim.right) or (ratio and _proportional(wrong, part.claim.right)):
            continue
        found = check(name, latex(wrong), part=part.question.id)
        assert found.verdict != "proved", latex(wrong)
        refuted += found.verdict == "refuted"
    assert refuted


def _proportional(one: Expr, other: Expr) -> bool:
    """Two ratios of as many numbers, in other terms."""
    if not isinstance(one, Shape) or not isinstance(other, Shape) or len(one.sizes) != len(other.sizes):
        return False
    return len({a.value / b.value for a, b in zip(one.sizes, other.sizes, strict=True)  # type: ignore[attr-defined]
                }) == 1  # fmt: skip


@pytest.mark.parametrize(("name", "part"), PARTS, ids=lambda one: one if isinstance(one, str) else one.question.id)
def test_planted_faults_are_told(name: str, part: Part) -> None:
    """What a fault gives is refuted, and the diagnosis repairs it; the first fault that gives it is the one told."""
    program, wants = load(name).program, part.question.wants
    assert isinstance(program, Counting)
    if not isinstance(wants, Count) or not isinstance(part.claim.right, Number):
        return
    choices = {**program.choices, **wants.choices}
    for fault in (*CHANGES, *slips(wants.what)):
        try:
            wrong = with_fault(fault, program, wants, lambda other: Counter(other).answer(wants, choices))
        except DeriveError:
            continue  # the fault does not occur here
        if any(same(wrong, one) for one in (part.claim.right, *(other.right for other in part.others))):
            continue
        if not isinstance(wrong, Number) or wrong.value.denominator != 1:
            continue
        found = check(name, latex(wrong), part=part.question.id)
        assert found.verdict == "refuted" or "start at 0" in found.convention
        told = {finding.kind for finding in found.diagnosis}
        assert found.verdict != "refuted" or told & {*CHANGES, *SLIPS}, (fault, told)


# -- hostile texts ---------------------------------------------------------------------------------------------------

HOSTILE = ["-" * 1500 + "1", "(" * 500 + "1" + ")" * 500, "9^64^64", "((9^64)^64)^64", "9" * 900, "=" * 50, "x" * 300,
           r"\frac{1}{0}", "1/0", r"\text{" * 60, "(,)", "()", ":", "1:", r"\to", "= 3", "3 =", "0" * 30, "1e9999",
           "*".join(["9" * 39] * 45), "(m+1)^64", "__import__('os')", "\x00", "١٢", "²", "1" + "'" * 900]  # fmt: skip


ASKED = [("conv_cost", "params"), ("mlp_shapes", "Y"), ("mlp_shapes", "equation"), ("receptive_field", "y1"),
         ("conv_cost", "memory"), ("conv_cost", "")]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(("name", "part"), ASKED)
def test_hostile_texts_are_not_proved(name: str, part: str, text: str) -> None:
    assert check(name, text, part=part).verdict in ("unreadable", "undecided", "refuted")


@pytest.mark.parametrize("text", ["Y = X" + "^T" * 900, "Y = " + "(X+X)" * 300, "Y = " + "a(" * 39 + "X" + ")" * 39])
def test_hostile_formulas_are_not_proved(text: str) -> None:
    assert check("mlp_shapes", text).verdict in ("unreadable", "undecided", "refuted")
