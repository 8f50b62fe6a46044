"""Verdicts into points: what earns, what does not, and what is left to a person."""

from __future__ import annotations

from fractions import Fraction

import pytest
from grading.serial import judge, marks_of

from derive.errors import UsageError
from derive.grading.course import Course
from derive.grading.grade import grade
from derive.grading.marking import ELSEWHERE, ENTRIES, RESTATES
from derive.grading.marks import summary_of
from derive.grading.scheme import scheme_for
from derive.grading.sheet import Answer, Answered, Line, Sheet, Unreadable
from derive.grading.work import Task, done
from derive.judging.check import _each


def df(by: str) -> str:
    return rf"\frac{{\partial f}}{{\partial {by}}}"


GAMMA, BETA, XHAT, VAR = df(r"\gamma"), df(r"\beta"), df(r"\hat{x}_i"), df(r"\sigma^2")
GAMMA_RIGHT = rf"{GAMMA} = \sum_i {df('y_i')} \hat x_i"
BETA_RIGHT = rf"{BETA} = \sum_i {df('y_i')}"
ROUTE = rf"{GAMMA} = \sum_i {df('y_i')}\frac{{\partial y_i}}{{\partial\gamma}}"
XHAT_WRONG = rf"{XHAT} = {df('y_i')}"  # gamma lost
VAR_CARRIED = rf"{VAR} = -\frac12 \sum_i {df('y_i')}(x_i-\mu)(\sigma^2+\epsilon)^{{-3/2}}"
MU_CARRIED = rf"\frac{{\partial f}}{{\partial\mu}} = -\frac{{1}}{{\sqrt{{\sigma^2+\epsilon}}}}\sum_i {df('y_i')}"
Z = {"Z": [[12, 14, 14, 12], [0, 10, 10, 0], [-5, 5, 5, -5]], "eps": 0}


def test_arrays_that_do_not_fit_are_told_as_such() -> None:
    mark = marks_of({"gamma": "x @ x"}, "layer_norm")["gamma"]
    assert (mark.status, mark.reason) == ("person", "no line says what the part asks for, and one is false")
    assert mark.lines[0].outcome.judgement.reading == "the shapes do not fit each other"


@pytest.mark.parametrize(
    "text",
    [
        GAMMA_RIGHT, XHAT_WRONG, rf"\sum_i {df('y_i')}", rf"{BETA} = {df('y_i')} ; {XHAT} = \gamma {df('y_i')}",
        rf"q = \sum_i {df('y_i')}", r"\mu = 1", r"\hat x_i = 1/\gamma x_i", r"\foo", "0", "x_i",
    ],
)  # fmt: skip
def test_the_same_text_in_several_parts_is_marked_as_in_one(text: str) -> None:
    """What is judged for the first of them serves the others, and changes nothing for them."""
    parts = Course().known("bn_backward").parts
    together = {part: done(Task("bn_backward", part, text)) for part in parts}
    for part in parts:
        _each.cache_clear()
        assert done(Task("bn_backward", part, text)) == together[part]


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        (GAMMA_RIGHT, "right", ""),
        (rf"\sum_i {df('y_i')} \hat x_i", "right", ""),
        ([ROUTE, GAMMA_RIGHT], "right", ""),
        (rf"{ROUTE} = \sum_i {df('y_i')} \hat x_i", "right", ""),
        (rf"{GAMMA} = \sum_i \hat x_i", "wrong", ""),
        (r"\sum_i \hat x_i", "wrong", ""),
        # true, and earns nothing by itself
        (GAMMA, "person", RESTATES),
        (f"{GAMMA} = {GAMMA}", "person", RESTATES),
        (ROUTE, "person", RESTATES),
        ("0 = 0", "person", ELSEWHERE),
        (BETA_RIGHT, "person", ELSEWHERE),
        # neither right nor wrong for certain
        (r"\frac{\partial f}{\partial\gamma} = \foo", "person", "cannot be read at column"),
        (r"\text{see the next page}", "person", "cannot be read"),
        ([GAMMA_RIGHT, rf"{GAMMA} = 0"], "person", "rightly and wrongly"),
        ([r"\hat x_i = x_i", GAMMA_RIGHT], "person", "a line of its reasoning is"),
        (r"\hat x_i = x_i", "person", "no line says what the part asks for, and one is false"),
    ],
)
def test_a_part(said: object, status: str, reason: str) -> None:
    mark = marks_of({"gamma": said})["gamma"]
    assert mark.status == status
    assert reason in mark.reason
    earned, open_ = {"right": (1, 0), "wrong": (0, 0), "person": (0, 1)}[status]
    assert (mark.earned, mark.open, mark.of) == (earned, open_, 1)


def test_an_entry_is_not_the_whole() -> None:
    mark = marks_of({"xhat": rf"\frac{{\partial f}}{{\partial\hat{{x}}_1}} = \gamma {df('y_1')}"})["xhat"]
    assert (mark.status, mark.reason) == ("person", ENTRIES)


def test_the_worked_instance_is_not_the_general_case() -> None:
    spelled = " + ".join(df(f"y_{k}") for k in range(1, 6))  # as many as the worked instance has
    assert marks_of({"beta": spelled})["beta"].reason == ENTRIES
    assert marks_of({"beta": spelled}, given={"m": 5})["beta"].status == "right"
    assert marks_of({"beta": spelled}, given={"m": 4})["beta"].status in ("wrong", "person")
    assert marks_of({"mu": r"\mu = (13, 5, 0)"}, "bn_forward")["mu"].status == "person"
    assert marks_of({"mu": r"\mu = (13, 5, 0)"}, "bn_forward", given=Z)["mu"].status == "right"
    assert marks_of({"mu": r"\mu = (31, 5, 0)"}, "bn_forward", given=Z)["mu"].status == "wrong"
    assert marks_of({"mu": r"\mu = 13"}, "bn_forward", given=Z)["mu"].status == "person"


def test_missing_and_unknown_parts() -> None:
    marks = marks_of({"gamma": GAMMA_RIGHT})
    assert {part: mark.status for part, mark in marks.items() if part != "gamma"} == dict.fromkeys(
        ("beta", "xhat", "var", "mu", "x"), "missing"
    )
    assert marks["beta"].reason == "not answered"
    # what stands under a name that is no part's may be the answer to one that seems to be missing
    assert marks_of({"gamma": GAMMA_RIGHT, "betta": BETA_RIGHT})["beta"].status == "person"


@pytest.mark.parametrize(
    ("scheme", "earned", "open_", "status"),
    [
        (None, 0, 1, "person"),
        ({"depends": 1}, 1, 0, "right"),
        ({"depends": 0.5, "points": {"gamma": 3}}, Fraction(3, 2), 0, "partly"),
        ({"depends": 0.5, "points": {"gamma": {"points": 4, "depends": 0.25}}}, 1, 0, "partly"),
    ],
)
def test_right_under_another_convention(scheme: object, earned: object, open_: int, status: str) -> None:
    said = rf"{GAMMA} = {df('y_i')}\hat x_i"  # a letter that stands twice, with or without a sum meant
    mark = marks_of({"gamma": said}, scheme=scheme)["gamma"]
    assert (mark.earned, mark.open, mark.status) == (earned, open_, status)
    assert "right under a convention: " in mark.reason


def test_points_by_line() -> None:
    scheme = {"points": {"mu": {"lines": {"a": 1, "b": 2, "c": 4, "d": 8, "e": 16}}}}
    said = {"a": r"\mu_1 = 13", "b": r"\mu_2 = 6", "c": r"\mu_1 = 13", "d": r"\foo", "f": r"\mu_3 = 0"}
    mark = marks_of({"mu": said}, "bn_forward", scheme, Z)["mu"]
    assert [one.points for one in mark.lines] == [1, 0, None, None, None]
    assert (mark.earned, mark.open, mark.of, mark.status) == (1, 12, 31, "person")
    assert mark.lines[2].note == "says the same as a line before"
    assert mark.lines[4].note == "the scheme has no points for this line"
    assert mark.reason == "not answered: e"
    assert summary_of(mark) == "1+?/31"
    # a line that is true without saying anything of the part
    trivial = {"points": {"mu": {"lines": {"a": 1}}}}
    assert marks_of({"mu": {"a": "1 = 1"}}, "bn_forward", trivial, Z)["mu"].status == "person"


def test_an_error_is_carried_forward_where_it_explains() -> None:
    marks = marks_of({"xhat": XHAT_WRONG, "var": VAR_CARRIED, "mu": MU_CARRIED}, scheme={"carried": 0.5})
    assert [marks[part].status for part in ("xhat", "var", "mu")] == ["wrong", "carried", "carried"]
    assert marks["var"].earned == Fraction(1, 2)
    assert marks["var"].reason == "error carried forward: it is what follows from the answer given to 'xhat'"
    # and not where nothing was wrong before, or the later answer does not follow
    assert marks_of({"var": VAR_CARRIED})["var"].status == "wrong"
    assert marks_of({"xhat": XHAT_WRONG, "var": VAR_CARRIED.replace("12", "13")})["var"].status == "wrong"
    assert marks_of({"xhat": XHAT_WRONG, "var": VAR_CARRIED}, scheme={"carried": 0})["var"].status == "wrong"
    # a part is never explained by one that it does not use
    assert marks_of({"beta": rf"{BETA} = 0", "var": VAR_CARRIED})["var"].status == "wrong"


def test_all_that_is_said_has_to_follow_from_the_earlier_error() -> None:
    false = rf"{VAR} = 0"
    for said in ([VAR_CARRIED, false], rf"{VAR_CARRIED} \\\\ {false}", f"{VAR_CARRIED} = 0"):
        mark = marks_of({"xhat": XHAT_WRONG, "var": said})["var"]
        assert (mark.status, mark.earned) == ("wrong", 0)
    staged = rf"{VAR} = \sum_i {XHAT} \frac{{\partial \hat{{x}}_i}}{{\partial\sigma^2}}"
    chain = f"{staged} = {VAR_CARRIED.partition(' = ')[2]}"
    assert marks_of({"xhat": XHAT_WRONG, "var": chain})["var"].status == "carried"


def test_statements_of_one_display_are_told_apart() -> None:
    display = rf"\begin{{aligned}} \hat x_i &= x_i \\ {GAMMA_RIGHT} \end{{aligned}}"
    assert "a line of its reasoning is" in marks_of({"gamma": display})["gamma"].reason
    display = rf"\begin{{aligned}} {ROUTE} \\ {GAMMA_RIGHT} \end{{aligned}}"
    assert marks_of({"gamma": display})["gamma"].status == "right"


@pytest.mark.parametrize(
    ("xhat", "var"),
    [
        ("0", "0"),  # it vanishes
        (r"x_i - x_i", "0"),
        (r"\sqrt{\sigma^2+\epsilon}", "0"),  # the deviations sum to zero
        ("1", "0"),
        (rf"\frac{{{df('y_i')}}}{{x_i-\mu}}", rf"-\frac12 (\sigma^2+\epsilon)^{{-3/2}}\sum_i {df('y_i')}"),
    ],
)
def test_an_answer_that_makes_the_rest_trivial_carries_nothing(xhat: str, var: str) -> None:
    earlier = (("xhat", f"{XHAT} = {xhat}"),)
    found = done(Task("bn_backward", "var", f"{VAR} = {var}", earlier=earlier))
    assert (found.explained, found.worked_out) == (("xhat",), False)
    mark = marks_of({"xhat": earlier[0][1], "var": f"{VAR} = {var}"})["var"]
    assert (mark.status, mark.earned) == ("wrong", 0)
    if xhat not in ("0", "x_i - x_i"):  # which hold on the worked instance by chance, so a person sees them
        assert "leaves nothing of this part's own work" in mark.reason


def test_an_answer_defined_by_a_later_one_carries_nothing() -> None:
    circular = f"{XHAT} = {VAR}"
    marks = marks_of({"xhat": circular, "var": f"{VAR} = {VAR} + 1"})
    assert marks["var"].status == "wrong"
    found = done(Task("bn_backward", "var", f"{VAR} = 0", earlier=(("xhat", circular),)))
    assert (found.judgement.verdict, found.explained) == ("refuted", ())


def test_a_mere_number_carries_nothing() -> None:
    mu = r"\frac{\partial f}{\partial\mu} = -\frac{m}{\sqrt{\sigma^2+\epsilon}}"
    found = done(Task("bn_backward", "mu", mu, earlier=(("xhat", f"{XHAT} = 1"),)))
    assert (found.explained, found.worked_out) == (("xhat",), False)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "should be an object"),
        ({"point": {}}, "'point' is not known. Did you mean 'points'?"),
        ({"points": {"gama": 1}}, "no part 'gama'. Did you mean 'gamma'?"),
        ({"points": {"gamma": -1}}, "points are a number from 0"),
        ({"points": {"gamma": "1"}}, "points are a number from 0"),
        ({"points": {"gamma": float("nan")}}, "points are a number from 0"),
        ({"points": {"gamma": True}}, "points are a number from 0"),
        ({"points": {"gamma": {"points": 2, "lines": {"a": 1}}}}, "1 points together, but it has 2"),
        ({"depends": 2}, "a share is a number from 0 to 1"),
        ({"carried": "all"}, "a share is a number from 0 to 1"),
    ],
)
def test_a_wrong_scheme(data: object, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        scheme_for(data, "bn_backward", ("gamma", "beta"), "--scheme")


def sheet(problem: str = "bn_backward", **more: object) -> Sheet:
    answers = (Answer("gamma", (Line(GAMMA_RIGHT),)),)
    return Sheet("s", (Answered(problem, answers, more.pop("given", {})),), "s.md", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (sheet("bn_backwards"), "no problem has the id 'bn_backwards'. Did you mean 'bn_backward'"),
        (sheet("./evil.py"), "no problem has the id './evil.py'"),
        (sheet("/etc/passwd"), "no problem has the id"),
        (sheet(given={"mm": 3}), "'mm' is not something bn_backward takes"),
        (sheet(scheme={"points": {"gama": 1}}), "its scheme: bn_backward has no part 'gama'"),
    ],
)
def test_a_sheet_that_cannot_be_marked_does_not_stop_the_others(one: Sheet, why: str) -> None:
    results = grade([one, sheet()], Course(), None, judge)
    assert [bad.source for bad in results.unreadable] == ["s.md"]
    assert why in results.unreadable[0].why
    assert len(results.sheets) == 1
    assert results.sheets[0].earned == 1


def test_a_sheet_never_runs_a_file_and_a_grader_may(tmp_path: object) -> None:
    file = f"{tmp_path}/own.py"
    source = Course().known("bn_backward")
    with open(file, "w", encoding="utf-8") as out:
        out.write("from derive.language.problem import Problem\nfrom msgspec.structs import replace\n"
                  "from derive.problems.bn_backward import PROBLEM as P\nPROBLEM = replace(P, id='own')\n")  # fmt: skip
    (bad,) = grade([sheet("own")], Course(), None, judge).unreadable
    assert isinstance(bad, Unreadable)
    own = Course([file])
    assert grade([sheet("own")], own, None, judge).sheets[0].earned == 1
    assert own.known("own").version != source.version


def test_points_that_a_sheet_names_itself_are_told() -> None:
    (marked,) = grade([sheet(scheme={"points": {"gamma": 9}})], Course(), None, judge).sheets
    assert marked.earned == 9
    assert "the points are those that the sheet itself names" in marked.problems[0].notes
    (marked,) = grade([sheet(scheme={"points": {"gamma": 9}})], Course(), {}, judge).sheets
    assert marked.earned == 1
    assert marked.problems[0].notes == ()


ZT = {**Z, "gamma": [1, 1, 1], "beta": [0, -10, 10]}
ZHAT_WRONG = r"\hat Z = \begin{pmatrix} 1 & 1 & 1 & -1 \\ -1 & 1 & 1 & -1 \\ -1 & 1 & 1 & -1 \end{pmatrix}"
ZTILDE_CARRIED = r"\tilde Z = \begin{pmatrix} 1 & 1 & 1 & -1 \\ -11 & -9 & -9 & -11 \\ 9 & 11 & 11 & 9 \end{pmatrix}"


@pytest.mark.parametrize(
    ("earlier", "later", "status"),
    [
        ({"mu": r"\mu = (12, 5, 0)"}, {"var": r"\sigma^2 = (2, 25, 25)"}, "carried"),
        ({"mu": r"\mu = (12, 5, 0)"}, {"var": r"\sigma^2 = (2, 25, 26)"}, "wrong"),
        ({"mu": r"\mu = (12, 6, 0)"}, {"var": r"\sigma^2 = (2, 25, 25)"}, "wrong"),  # 26 would follow for the second
        ({"mu": r"\mu_1 = 12"}, {"var": r"\sigma^2 = (2, 25, 25)"}, "carried"),
        ({"zhat": ZHAT_WRONG}, {"ztilde": ZTILDE_CARRIED}, "carried"),
        ({"zhat": ZHAT_WRONG}, {"ztilde": ZTILDE_CARRIED.replace("-11", "-12")}, "wrong"),
        ({"var": r"\sigma^2 = (2, 25, 25)"}, {"mu": r"\mu = (12, 5, 0)"}, "wrong"),  # which does not use it
        ({"mu": r"\mu = (0, 0, 0)"}, {"var": r"\sigma^2 = (170, 50, 25)"}, "wrong"),  # nothing is subtracted any more
        ({"mu": r"\mu = Z"}, {"var": r"\sigma^2 = (0, 0, 0)"}, "wrong"),
        ({"mu": r"\mu = (12, 5)"}, {"var": r"\sigma^2 = (2, 25, 25)"}, "wrong"),
    ],
)
def test_worked_numbers_are_carried_forward(earlier: dict[str, object], later: dict[str, object], status: str) -> None:
    marks = marks_of({**earlier, **later}, "bn_forward", given=ZT)
    (part,) = later
    assert marks[part].status == status, marks[part].reason
    if status == "carried":
        assert marks[part].reason.endswith(f"the answer given to '{next(iter(earlier))}'")
        assert marks_of(later, "bn_forward", given=ZT)[part].status == "wrong"


def test_a_gradient_is_never_carried_from_numbers() -> None:
    """A node that has become a number hands nothing back, so the later answer would lose a path."""
    said = {"xhat": r"\frac{\partial f}{\partial\hat x_i} = 3", "var": r"\frac{\partial f}{\partial\sigma^2} = 0"}
    assert marks_of(said, given={"m": 2})["var"].status in ("wrong", "person")
