"""Marks for numbers and shapes: what answers a part, and what follows from the student's own earlier numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from grading.serial import marks_of
from msgspec.structs import replace

from derive.catalogue import load
from derive.checking import subject
from derive.engines.answers import Counter
from derive.engines.ledger import ledger
from derive.engines.shapes import Flow
from derive.errors import AuthorError
from derive.grading.carried_counts import restated
from derive.grading.counted import rows_of, said_of_count
from derive.language.answers import Shape
from derive.language.counting import Count, Counting
from derive.language.expression import expression
from derive.language.layer import Convolution, Features, Network, Parallel, Stated

FIRST = 3 * 3 * 128 * 256
SECOND = 3 * 3 * 256 * 512
PRODUCT = r"3\times3\times128\times256 = "
ROWS = r"\begin{aligned} \text{parameters} &= 3\cdot3\cdot128\cdot256 \\ &= 294912. \end{aligned}"


@pytest.mark.parametrize(
    ("part", "said", "status", "reason"),
    [
        ("params_conv1", "294,912", "right", ""),
        ("params_conv1", r"\text{params}(\text{conv1}) = 294912", "right", ""),
        ("params_conv1", r"3\times3\times128\times256 = 294{,}912", "right", ""),
        ("params_conv1", ROWS, "right", ""),
        ("params_conv1", "294,192", "wrong", ""),
        ("params_conv1", r"3\times3\times128\times256 = 294,192", "wrong", ""),
        # a value that stands last is the answer where no line names the part; one before is a step
        ("params_conv1", [r"3\times3\times128 = 1152", r"1152\times256 = 294912"], "right", ""),
        ("params_conv1", [r"3\times3\times128 = 1152", r"1152\times128 = 147456"], "wrong", ""),
        ("params_conv1", [f"{PRODUCT}294912", r"\text{parameters} = 294912"], "right", ""),
        ("params_conv1", [f"{PRODUCT}294912", r"\text{parameters} = 5"], "person", "rightly and wrongly"),
        # right in the end, by way of a false equation
        ("params", r"294,192 + 1,179,648 = 1,474,560", "person", "a line of its reasoning is: '294,192 +"),
        ("params_conv1", [r"3\times3 = 8", "294912"], "person", "a line of its reasoning is: '3\\times3 = 8'"),
        # a formula in letters is no number, a number for another part no answer
        ("params_conv1", r"K\times K\times C_{in}\times C_{out}", "person", "does not say what the part asks for"),
        ("params_conv1", r"\text{params}(\text{conv2}) = 1179648", "person", "does not say what the part asks for"),
        ("shape_conv1", "(256, 32, 32)", "right", ""),
        ("shape_conv1", "(32, 32, 256)", "person", "right under a convention: N × H × W × C"),
        ("shape_conv1", "W' = 32", "person", "it is about single entries"),
        ("shape_conv1", "W' = 31", "wrong", "an entry of it is false"),
        ("madds_conv1", r"\text{MACs of layer 1} = 301,989,888", "right", ""),
        ("madds_conv1", r"\text{ops}_1 = 301,989,888", "person", "a multiplication with its addition is one"),
        ("madds_conv1", r"\text{ops}_1 = 283,410,432", "wrong", ""),
        ("memory_between", r"\text{intermediate size}=262,144", "right", ""),
        ("memory", "4 : 2 : 4", "right", ""),
        ("memory", "2 : 1 : 1", "wrong", ""),
        ("memory", r"\text{output/input} = 100\%", "person", "it is about single entries"),
        ("memory_between", r"\text{see above}", "person", "cannot be read"),
    ],
)  # fmt: skip
def test_a_part(part: str, said: object, status: str, reason: str) -> None:
    mark = marks_of({part: said}, "conv_cost")[part]
    assert mark.status == status, mark.reason
    assert reason in mark.reason


@pytest.mark.parametrize(
    ("depends", "earned", "open_"), [("full", 1, 0), ("none", 0, 0), (0.5, 0.5, 0), ("person", 0, 1)]
)
def test_a_convention_is_marked_as_the_author_chooses_and_always_told(
    depends: object, earned: float, open_: int
) -> None:
    mark = marks_of({"shape_conv1": "(32, 32, 256)"}, "conv_cost", {"depends": depends})["shape_conv1"]
    assert (float(mark.earned), mark.open) == (earned, open_)
    assert "right under a convention: N × H × W × C" in mark.reason
    # arithmetic that is true and answers nothing is not right under any convention
    line = r"3\times3\times128\times256\times31\times31 = 283,410,432"
    wrong = marks_of({"madds_conv1": line}, "conv_cost", {"depends": depends})["madds_conv1"]
    assert (wrong.status, wrong.earned) == ("wrong", 0)


def carried(answers: Mapping[str, object], part: str, scheme: object = None) -> tuple[str, str]:
    mark = marks_of(answers, "conv_cost", scheme)[part]
    return mark.status, mark.reason


@pytest.mark.parametrize(
    ("problem", "earlier", "later"),
    [
        ("conv_cost", {"shape_conv1": "(256, 31, 31)"}, {"madds_conv1": str(FIRST * 31 * 31)}),
        ("conv_cost", {"shape_conv1": "(31, 31, 256)"}, {"madds_conv1": str(FIRST * 31 * 31)}),
        ("conv_cost", {"shape_conv1": "W' = 31"}, {"madds_conv1": str(FIRST * 31 * 31)}),
        ("conv_cost", {"shape_conv1": ["W' = 31", "H' = 30"]}, {"memory_between": str(256 * 31 * 30)}),
        # through the second layer too: 31 stays 31 with padding 1
        ("conv_cost", {"shape_conv1": "W' = 31"}, {"shape_conv2": "(512, 31, 31)", "madds_conv2": f"{SECOND * 961}"}),
        # the channels that come out of one layer are those that the next one reads, and the first one counts its own
        ("conv_cost", {"shape_conv1": "(255, 32, 32)"}, {"params_conv2": str(9 * 255 * 512)}),
        ("conv_cost", {"params_conv1": "294192"}, {"params": str(294192 + SECOND)}),
        ("conv_cost", {"shape_conv1": "(256, 31, 31)"}, {"madds_conv1": r"\text{ops}_1 = 283,410,432"}),
        ("conv_cost", {"memory_out": "262144"}, {"memory": "2 : 1 : 1"}),
        ("lenet_cost", {"shape_S2": "(6, 13, 13)"}, {"shape_C3": "(16, 9, 9)", "conns_C3": str(16 * 81 * 150)}),
        ("lenet_cost", {"shape_C3": "(12, 10, 10)"}, {"shape_S4": "(12, 5, 5)", "params_C5": str(12 * 25 * 120)}),
        ("cnn_params", {"shape_conv1": "(64, 100, 150)"}, {"params_conv2": str(9 * 64 * 200 + 200)}),
        ("lenet_shapes", {"shape_pool2": "(16, 4, 4)"}, {"shape_flatten": "(256)"}),
        ("receptive_field", {"conv1_field": "4"}, {"y1_field": "6", "y2_field": "7"}),
        ("receptive_field", {"y2_jump": "4"}, {"conv3_field": "14", "conv3_jump": "4"}),
    ],
)  # fmt: skip
def test_what_follows_from_an_earlier_number_is_carried(
    problem: str, earlier: dict[str, object], later: dict[str, object]
) -> None:
    marks = marks_of({**earlier, **later}, problem)
    (source,) = earlier
    assert marks[source].status == "wrong"
    for part in later:
        assert (marks[part].status, marks[part].earned) == ("carried", 1), (part, marks[part].reason)
        assert "it is what follows from the answer given to" in marks[part].reason
    first = next(iter(later))
    assert marks_of({first: later[first]}, problem)[first].status == "wrong"  # without the earlier answer


def test_all_that_was_answered_before_is_gone_on_with() -> None:
    """A sum of what was answered to its parts; by some of them alone a person has to say what was meant."""
    before = {"madds_conv1": str(FIRST * 31 * 31), "madds_conv2": str(SECOND * 29 * 29)}
    both = str(FIRST * 31 * 31 + SECOND * 29 * 29)
    status, reason = carried({**before, "madds": both}, "madds")
    assert status == "carried"
    assert reason.endswith("'madds_conv1' and 'madds_conv2'")
    one = str(FIRST * 31 * 31 + SECOND * 32 * 32)
    status, reason = carried({**before, "madds": one}, "madds")
    assert status == "person"
    assert "'madds_conv1', but it is another one by the answer given to 'madds_conv2'" in reason


def test_a_near_miss_is_not_carried() -> None:
    shape, right = {"shape_conv1": "(256, 31, 31)"}, str(FIRST * 31 * 31)
    assert carried({**shape, "madds_conv1": right}, "madds_conv1")[0] == "carried"
    assert carried({**shape, "madds_conv1": str(FIRST * 31 * 31 + 1)}, "madds_conv1")[0] == "wrong"
    assert carried({"params_conv1": "294192", "params": "1474561"}, "params")[0] == "wrong"
    # of a part that it does not use, nothing is carried
    assert carried({"shape_conv2": "(512, 31, 31)", "madds_conv1": right}, "madds_conv1")[0] == "wrong"
    assert carried({**shape, "madds_conv1": right}, "madds_conv1", {"carried": 0})[0] == "wrong"


@pytest.mark.parametrize("shape", ["(256, 1, 1)", "(1, 32, 32)", "(256, 1, 32)"])
def test_a_shape_that_makes_the_rest_trivial_carries_nothing(shape: str) -> None:
    channels, height, width = (int(n) for n in shape.strip("()").split(","))
    said = {"shape_conv1": shape, "madds_conv1": str(9 * 128 * channels * height * width)}
    status, reason = carried(said, "madds_conv1")
    assert status == "wrong"
    assert "leaves nothing of this part's own work" in reason


def test_nothing_is_carried_from_no_size_at_all() -> None:
    for shape in ("(256, 0, 0)", "(256, -31, -31)", "(256, 31)", "31", r"(256, \frac{63}{2}, \frac{63}{2})"):
        for said in ("0", str(FIRST * 31 * 31), str(FIRST * 63 * 63 // 4)):
            status, reason = carried({"shape_conv1": shape, "madds_conv1": said}, "madds_conv1")
            assert status == "wrong"
            assert not reason or "leaves nothing of this part's own work" in reason
    assert carried({"params_conv1": "0", "params": str(SECOND)}, "params")[0] == "wrong"


def test_a_false_equation_on_the_way_to_a_carried_value() -> None:
    said = {"shape_conv2": "(512, 29, 29)", "memory_out": r"516\times29\times29 = 430,592"}
    status, reason = carried(said, "memory_out")
    assert status == "person"
    assert reason.endswith("'shape_conv2', but an equation on the way is false")


def test_points_by_line_carry_too() -> None:
    scheme = {"points": {"madds_conv1": {"lines": {"a": 1, "b": 2}}}, "carried": 0.5}
    said = {
        "shape_conv1": "(256, 31, 31)",
        "madds_conv1": {"a": r"\text{madds} = 5", "b": f"\\text{{madds}}(\\text{{conv1}}) = {FIRST * 961}"},
    }
    mark = marks_of(said, "conv_cost", scheme)["madds_conv1"]
    assert [line.points for line in mark.lines] == [0, 1]
    assert mark.lines[1].carried == ("shape_conv1",)
    assert mark.earned == 1


def test_rows_of_a_display() -> None:
    assert rows_of(r"\begin{aligned} a &= 1 \\ &= 2 \\[2pt] b &= 3 \end{aligned}") == ["a = 1 = 2", "b = 3"]
    assert rows_of(r"a &= 1 \\ &\quad + 2 \\ + 3") == [r"a = 1 \quad + 2 + 3"]
    assert rows_of("a = 1") == ["a = 1"]
    matrix = r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"
    assert rows_of(matrix) == [matrix]


def test_a_network_is_counted_on_with_what_is_stated() -> None:
    """Shapes and counts in place of those that follow, for all that comes after them and for nothing before."""
    program = load("conv_cost").program
    assert isinstance(program, Counting)
    shape = Stated("shape", "conv1", tuple(map(expression, (256, 31, 31))))
    told = restated(program, (("stack", shape), ("stack", Stated("params", "conv2", (expression(7),)))))
    answer = Counter(told).answer
    assert answer(Count("shape", "conv1"), program.choices) == Shape(tuple(map(expression, (256, 31, 31))))
    assert answer(Count("shape", "conv2"), program.choices) == Shape(tuple(map(expression, (512, 31, 31))))
    assert answer(Count("madds", "conv1"), program.choices) == expression(FIRST * 31 * 31)
    assert answer(Count("params", "conv1"), program.choices) == expression(FIRST)
    assert answer(Count("params"), program.choices) == expression(FIRST + 7)
    assert Counter(program).answer(Count("params"), program.choices) == expression(FIRST + SECOND)
    with pytest.raises(AuthorError, match="does not fit"):
        Counter(restated(program, (("stack", Stated("shape", "conv1", tuple(map(expression, (256, 0, 0))))),))).answer(
            Count("madds", "conv2"), program.choices
        )


def test_what_is_stated_inside_of_a_branch_reaches_where_branches_meet() -> None:
    wide = Convolution(name="wide", channels=8, kernel=1)
    branches = Parallel(name="meet", branches=(wide, Convolution(name="narrow", channels=4, kernel=1)))
    network = Network(Features(3, (5, 5)), (branches, Convolution(name="last", channels=2, kernel=1, bias=False)))
    assert [row.out for row in ledger(network)][-2:] == [Flow(12, (5, 5)), Flow(2, (5, 5))]
    told = replace(network, stated=(Stated("shape", "wide", tuple(map(expression, (9, 5, 5)))),))
    assert [row.out for row in ledger(told)][-2:] == [Flow(13, (5, 5)), Flow(2, (5, 5))]
    assert Counter(Counting({"n": told})).answer(Count("params", "last"), {}) == expression(26)
    meeting = replace(network, stated=(Stated("shape", "meet", tuple(map(expression, (1, 5, 5)))),))
    assert Counter(Counting({"n": meeting})).answer(Count("params", "last"), {}) == expression(2)


def test_what_cannot_be_placed_says_nothing() -> None:
    about = subject("conv_cost", part="madds_conv1")
    for text in ("", "=", r"\foo = 3", "x" * 5000, "((((", "1 < 2", r"\text{see above}"):
        assert said_of_count(about, text).extent == "none"
