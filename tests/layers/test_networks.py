"""Networks of symbolic depth against networks written out: PyTorch, exact scalars, differences, and planted faults."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from derive.catalogue import load
from derive.engines.derive import derive_problem
from derive.errors import AuthorError, NotProvedError
from derive.language import Equation, Layered, Level, Sum, Whole, Widths, logistic, network, scalar, size
from derive.language.derivation import Claim
from derive.language.expression import Expr
from derive.language.expression import Sum as SumNode
from derive.language.matrices import Component, Diagonal, Ordered, Releveled, product
from derive.language.network import Network
from derive.language.problem import Problem
from derive.language.question import Chain, Line
from derive.language.verdict import Agrees, Refuted
from derive.verification import ORACLES
from derive.verification.chains import chained
from derive.verification.depths import Depths
from derive.verification.report import examine

MLP, VANISHING = load("mlp_backward"), load("vanishing_gradient")
FAST = ("unrolled", "differences")
L, i, l = Level("L"), Level("i"), Level("l")  # noqa: E741


def claims(problem: Problem) -> dict[str, Claim]:
    return {part.question.id: part.claim for part in derive_problem(problem).parts}


def oracle(problem: Problem, name: str, depths: tuple[int, ...] = (1, 2, 3)) -> Depths:
    if name == "pytorch":
        pytest.importorskip("torch")
    return Depths(problem, ORACLES[name], 0, depths)


@pytest.mark.parametrize("problem", [MLP, VANISHING], ids=["mlp", "vanishing"])
def test_autograd_agrees_at_every_layer_of_depths_1_to_8(problem: Problem) -> None:
    checker = oracle(problem, "pytorch", tuple(range(1, 9)))
    for claim in claims(problem).values():
        found = checker.check(claim)
        assert isinstance(found.verdict, Agrees)
        assert found.sizes[-1] == {"L": 8}
        assert float(found.error or 0) < 1e-9


# -- planted faults: each oracle by itself refutes each of them


def _faults() -> dict[str, tuple[Problem, str, Callable[[Expr], Expr]]]:
    from derive.problems import mlp_backward as mlp
    from derive.problems import vanishing_gradient as deep

    s, n = mlp.s, mlp.n
    r, q = n.axis(l), n.axis(l + 1)
    slope_above = mlp.y(l + 1)[q] * (1 - mlp.y(l + 1)[q])
    j = Level("j")
    diag_above = deep.n.ordered("j", deep.steep(j), Whole(deep.A(j)), start=L, stop=i + 1)[1, deep.r]
    one_slope_less = product(deep.ways(i + 2), Whole(deep.A(i + 1)))[1, deep.r]
    return {
        "slope of the layer above": (
            MLP,
            "delta",
            lambda form: Sum(q, mlp.A(l + 1)[q, r] * slope_above * mlp.d(mlp.f, s(l + 1))[q]),
        ),
        "slope forgotten": (MLP, "delta", lambda form: mlp.back),
        "slope at the linear last layer": (
            MLP,
            "delta_last",
            lambda form: mlp.y(L)[mlp.R] * (1 - mlp.y(L)[mlp.R]) * form,
        ),
        "sign of the error": (MLP, "delta_last", lambda form: -form),
        "sum in place of output": (MLP, "dA_last", lambda form: mlp.d(mlp.f, s(L))[mlp.R] * s(L - 1)[mlp.C]),
        "bias twice": (MLP, "db", lambda form: 2 * form),
        "diag at the wrong layer": (VANISHING, "b", lambda form: diag_above),
        "own slope left out": (VANISHING, "b", lambda form: one_slope_less),
        "sign of a product": (VANISHING, "A", lambda form: -form),
        "exponent one too large": (VANISHING, "bound", lambda form: form / 16),
        "norms forgotten": (VANISHING, "bound", lambda form: 4 ** (2 * (deep.layer - deep.depth))),
    }


FAULTS = _faults()


@pytest.mark.parametrize("name", ["unrolled", "differences", "pytorch"])
@pytest.mark.parametrize("fault", list(FAULTS))
def test_every_oracle_refutes_every_fault(fault: str, name: str) -> None:
    problem, part, spoil = FAULTS[fault]
    right = claims(problem)[part]
    wrong = replace(right, right=spoil(right.right))
    checker = oracle(problem, name)
    assert isinstance(checker.check(right).verdict, Agrees)
    assert isinstance(checker.check(wrong).verdict, Refuted)


# -- chains: what is not a proof is not taken for one


def _with_chain(part: str, change: Callable[[Chain], Chain]) -> Problem:
    questions = []
    for question in VANISHING.questions:
        if question.id == part:
            assert isinstance(question.wants, Chain)
            chain = change(question.wants)
            question = replace(question, wants=chain, form=chain.lines[-1].after)
        questions.append(question)
    kept = tuple(question for question in questions if question.id in (part, "b"))
    mistakes = tuple(m for m in VANISHING.mistakes if m.question in {q.id for q in kept})
    return replace(VANISHING, questions=kept, mistakes=mistakes, boxed=())


def _refused(problem: Problem) -> str:
    with pytest.raises(NotProvedError) as error:
        examine(derive_problem(problem), oracles=())
    return str(error.value)


def test_a_hypothesis_may_not_be_used_in_the_base() -> None:
    def spoil(chain: Chain) -> Chain:
        return replace(chain, base=(*chain.base, Line(chain.base[-1].after, "by itself", "hypothesis")))

    with pytest.raises(AuthorError, match="the base of part 'b' rests on 'hypothesis'"):
        _with_chain("b", spoil)


def test_the_checker_sees_a_hypothesis_in_the_base_by_itself() -> None:
    derivation = derive_problem(VANISHING)
    part = derivation.parts[0]
    assert chained(derivation, part).kind == "proved"
    first, *rest = part.steps
    spoiled = replace(part, steps=(replace(first, by="hypothesis"), *rest))
    assert "the base rests on" in chained(derivation, spoiled).why  # type: ignore[union-attr]
    later = replace(part, steps=(*part.steps[:3], replace(part.steps[3], by="bound"), *part.steps[4:]))
    assert "does not rest on what 'bound' says" in chained(derivation, later).why  # type: ignore[union-attr]
    fewer = replace(part, steps=part.steps[:-1])
    assert "do not lead" in chained(derivation, fewer).why  # type: ignore[union-attr]


def test_lines_that_skip_are_seen() -> None:
    def spoil(chain: Chain) -> Chain:
        return replace(chain, lines=(chain.lines[1], *chain.lines[2:]))  # the hypothesis before the chain rule

    assert "could not be proved" in _refused(_with_chain("b", spoil)) or "wrong" in _refused(_with_chain("b", spoil))


def test_an_equation_does_not_follow_from_a_bound() -> None:
    assert "only bounds" in _refused(_with_chain("bound", lambda chain: replace(chain, relation="=")))


def test_the_wrong_exponent_is_not_proved() -> None:
    def spoil(chain: Chain) -> Chain:
        last = chain.lines[-1]
        return replace(chain, lines=(*chain.lines[:-1], replace(last, after=last.after / 16)))

    assert _refused(_with_chain("bound", spoil))


# -- products of symbolic length


def test_a_product_at_real_depths_is_the_product_written_out() -> None:
    from derive.algebra.elaborate import elaborated
    from derive.problems import vanishing_gradient as deep

    for depth in range(2, 6):
        for layer in range(1, depth):
            whole = deep.ways(i + 1)[1, deep.r]
            (spelled,) = elaborated(_network().numbered(whole, layer, depth))
            sums = 0
            while isinstance(spelled, SumNode) or any(isinstance(c, SumNode) for c in spelled.children):
                sums += 1
                spelled = spelled.body if isinstance(spelled, SumNode) else next(
                    c for c in spelled.children if isinstance(c, SumNode)
                ).body  # fmt: skip
            assert sums == depth - layer - 1  # one sum between two matrices


def _network() -> Network:
    assert isinstance(VANISHING.program, Network)
    return VANISHING.program


def test_a_transpose_turns_back() -> None:
    from derive.problems import vanishing_gradient as deep

    run = deep.ways(i + 1)
    assert isinstance(run, Ordered)
    assert run.T.shape == run.shape[::-1]
    assert run.T.T.shape == run.shape
    assert run == run.T.T


def test_products_that_do_not_fit_are_refused_where_they_are_written() -> None:
    from derive.problems import vanishing_gradient as deep

    with pytest.raises(AuthorError, match="so their product does not exist; transpose"):
        product(Whole(deep.A(i)), Whole(deep.A(i)))
    with pytest.raises(AuthorError, match="change the order"):
        deep.n.ordered("j", deep.steep(Level("j") - 1), Whole(deep.A(Level("j"))), start=L, stop=i + 1)


def test_the_wrong_order_is_refused_even_where_it_fits() -> None:
    """All widths equal: A_2 A_1 and A_1 A_2 both exist, and differ."""
    from derive.algebra.decide import decide
    from derive.algebra.elaborate import elaborated
    from derive.language import index, tensor

    n = size("n")
    r, c = index("r", n), index("c", n)
    A, B = (Whole(tensor(name, (r, c))) for name in "AB")
    one, other = elaborated((A @ B)[r, c], (B @ A)[r, c])
    assert isinstance(decide(one, other, {}), Refuted)
    turned, straight = elaborated((A @ B).T[r, c], (B.T @ A.T)[r, c])
    assert decide(turned, straight, {}).kind == "proved"
    forgotten, right = elaborated((A @ B)[r, c], (A.T @ B)[r, c])
    assert isinstance(decide(forgotten, right, {}), Refuted)


# -- what an author may get wrong

n = Widths("n")
A, b = Layered("A", n, (0, -1)), Layered("b", n, (0,))
s, y = Layered("s", n, (0,)), Layered("y", n, (0,))
f = scalar("f")


def _sums(at: Level) -> Equation:
    row, column = n.axis(at), n.axis(at - 1)
    return Equation(s(at)[row], Sum(column, A(at)[row, column] * y(at - 1)[column]) + b(at)[row])


LOSS = Equation(f, Sum(n.axis(L), s(L)[n.axis(L)] ** 2))


def test_a_last_layer_unlike_the_others_is_refused() -> None:
    row, column = n.axis(L), n.axis(L - 1)
    other = Equation(s(L)[row], Sum(column, A(L)[row, column] * y(L - 1)[column]))
    with pytest.raises(AuthorError, match="let layer L begin like the others"):
        network(size("L"), (_sums(l), Equation(y(l)[n.axis(l)], logistic(s(l)[n.axis(l)]))), (other, LOSS), widths=n)


def test_weights_shared_by_all_layers_are_refused() -> None:
    shared = scalar("w")
    hidden = Equation(y(l)[n.axis(l)], shared * s(l)[n.axis(l)])
    with pytest.raises(AuthorError, match="reads w in every layer"):
        network(size("L"), (_sums(l), hidden), (_sums(L), LOSS), widths=n)


def test_a_way_around_a_layer_is_refused() -> None:
    row = n.axis(l)
    skip = Equation(y(l)[row], s(l)[row] + Sum(n.axis(l - 1), y(l - 1)[n.axis(l - 1)]))
    with pytest.raises(AuthorError, match="only the first equation of a layer may read the layer below"):
        network(size("L"), (_sums(l), skip), (_sums(L), LOSS), widths=n)


def test_names_move_with_their_layer() -> None:
    up = Releveled({"l": l + 1}, {})
    assert up(A(l)[n.axis(l), n.axis(l - 1)]).tensor.key == "A_{l+1}"  # type: ignore[attr-defined]
    assert up.tensor(y(l - 1)).key == "y_l"
    assert Releveled({"l": Level("", 3)}, {}).tensor(y(l - 1)).key == "y_2"
    diagonal = Diagonal(s(l)[n.axis(l)], n.axis(l))
    assert up.matrix(diagonal).shape == (n(l + 1), n(l + 1))
    assert isinstance(Component(diagonal, n.axis(l), n.axis(l)), Expr)
