"""The derivation of one question as a list of steps, one rule each, in the author's names."""

from __future__ import annotations

from msgspec.structs import replace

from derive.algebra.binding import instantiate, rewrite, told_apart
from derive.algebra.decide import is_zero
from derive.algebra.edges import instance
from derive.algebra.fingerprint import is_nonzero
from derive.algebra.lift import collected
from derive.engines.adjoint import Adjoints, Route
from derive.engines.arrange import arranged, same_but_order
from derive.engines.fold import folded
from derive.errors import AuthorError, UnsupportedError
from derive.language.derivation import Claim, Part, Step, Struck
from derive.language.expression import (
    ZERO,
    Add,
    Bracket,
    Direct,
    Expr,
    Index,
    Mul,
    Read,
    Sum,
    add,
    free_indices,
    mul,
    tensors_in,
    walk,
)
from derive.language.notation import PartialName
from derive.language.plain import plain
from derive.language.problem import Problem
from derive.language.program import Equation
from derive.language.question import Forward, Gradient, Identity, Jacobian, Question, Wanted
from derive.language.tensor import Tensor, d


class Stepper:
    """Writes the steps of every question of a problem."""

    def __init__(self, problem: Problem, adjoints: Adjoints) -> None:
        self.problem = problem
        self.adjoints = adjoints
        self.forward = {equation.tensor.key: equation for equation in problem.program.equations}
        self.done: list[Part] = []
        self.asked = {
            d(problem.program.loss, question.wants.by).key: question
            for question in reversed(problem.questions)
            if isinstance(question.wants, Gradient)
        }

    def part(self, number: int, question: Question) -> Part:
        left = self.problem.asked(question)
        writer = _Writer(str(number), left)
        wants = question.wants
        same = next((part for part in self.done if part.question.wants == wants and not part.claim.assuming), None)
        if same is not None:
            staged = writer.state(same.claim.right, "earlier result", f"result of part {same.question.id}")
        else:
            staged = self._staged(writer, wants, left)
        result, uses = self._to_form(writer, question, staged)
        uses = (same.question.id, *uses) if same is not None else uses
        claim = Claim(question.id, left, result, question.assuming)
        self.done.append(Part(question, tuple(writer.steps), staged, claim, uses))
        return self.done[-1]

    def _staged(self, writer: _Writer, wants: Wanted, left: Expr) -> Expr:
        """The first answer, in terms of what the program and the chain rule give directly."""
        match wants:
            case Gradient(by):
                return self._gradient(writer, by)
            case Jacobian():
                return self._edge(writer, left)
            case Forward(of):
                definition = self.forward.get(of.key)
                if definition is None:
                    raise AuthorError(f"{self.problem.id}: {of.key} is given; it has no value to derive")
                return writer.state(instantiate(definition, of.axes), "definition", f"definition of ${of.key}$")
            case Identity():
                return left
            case _:
                raise UnsupportedError(f"{type(wants).__name__} is asked of recurrences, not of programs")

    # -- the chain rule ------------------------------------------------------------------------------------------

    def _gradient(self, writer: _Writer, node: Tensor) -> Expr:
        routes = self.adjoints.routes(node)
        if not routes:
            return writer.state(ZERO, "no reader", f"nothing reads ${node.key}$")
        many = "routes" if len(routes) > 1 else "route"
        enters = ", ".join(f"${route.of.tensor.key}$" for route in routes)
        writer.state(add(*(route.symbolic for route in routes)), "chain rule", f"chain rule, {many} through {enters}")
        for route in routes:
            self._local(writer, route)
        terms = [route.term for route in routes]
        writer.state(add(*terms), "substitute", "direct derivatives put in, constants out")
        alive = [term for term in terms if not self._vanishes(term)]
        struck = tuple(Struck(term, self._why_zero(term)) for term in terms if term not in alive)
        if struck:
            writer.state(add(*alive), "vanishing term", struck[0].reason, struck=struck)
        return add(*alive)

    @staticmethod
    def _local(writer: _Writer, route: Route) -> None:
        direct = Direct(route.of, route.by, route.held)
        held = ", ".join(f"${tensor.key}$" for tensor in route.held)
        reason = f"direct derivative, {held} held" if held else "direct derivative"
        if route.given:
            reason = "the Jacobian above"
        writer.aside(direct, route.edge, "direct derivative", reason)

    def _edge(self, writer: _Writer, left: Expr) -> Expr:
        assert isinstance(left, Direct)
        for edge in self.adjoints.edges:
            if (edge.of.tensor.key, edge.by.tensor.key) == (left.of.tensor.key, left.by.tensor.key):
                value = arranged(instance(edge, left.of, left.by))
                return writer.state(value, "direct derivative", "product and chain rule")
        return writer.state(ZERO, "no reader", f"${left.of.tensor.key}$ does not read ${left.by.tensor.key}$")

    def _vanishes(self, term: Expr) -> bool:
        return not is_nonzero(term, self.forward) and is_zero(term, self.forward)

    def _why_zero(self, term: Expr) -> str:
        """The lemma that kills a term, or the sum in it that is zero."""
        for node in walk(term):
            if isinstance(node, Sum) and self._vanishes(node):
                for letter, lemma in zip("ABCDEFGH", self.problem.lemmas, strict=False):
                    if lemma.right == ZERO and is_zero(lemma.left - node, {}):
                        return f"${plain(node)} = 0$ (Lemma {letter})"
                return f"${plain(node)} = 0$"
        return "the term is zero"

    # -- towards the form that is asked for ----------------------------------------------------------------------

    def _to_form(self, writer: _Writer, question: Question, staged: Expr) -> tuple[Expr, tuple[str, ...]]:
        form = question.form
        if form is None and not question.collect:
            return staged, ()
        names = question.collect if form is None else tuple(tensors_in(form).values())
        wanted = {tensor.key for tensor in names}
        current, used = self._earlier_results(writer, staged, wanted)
        current = self._folded(writer, current, wanted)
        if form is None:
            form = arranged(collected(current))
        texts = tuple(assumption.text for assumption in question.assuming)
        if texts and form != current:
            form = writer.state(form, "assumption", f"given {', '.join(texts)}", conditions=texts)
        elif form != current and not (same_but_order(form, current) and writer.restate(form)):
            form = writer.state(form, "collect", self._what_changed(current, form))
        return form, tuple(self.asked[key].id for key in used if key in self.asked)

    def _what_changed(self, current: Expr, form: Expr) -> str:
        """The reason for the last line: what was taken out of all terms, or what else is new."""
        factored = isinstance(current, Mul) and any(isinstance(factor, Add) for factor in current.factors)
        if not factored and (taken_out := _common_factor(form)):
            return taken_out
        own = {equation.tensor.key for equation in self.problem.shorthands}
        new = [key for key in tensors_in(form) if key in own and key not in tensors_in(current)]
        if new:
            return f"definition{'s' if len(new) > 1 else ''} of {', '.join(f'${key}$' for key in new)}, read backwards"
        equations = [node for node in _conditions(current) if isinstance(node, Bracket) and node.relation == "="]
        tied = {name for equation in equations for name in free_indices(equation)}
        solved = [name for name in _bound(current) if name in tied and name not in _bound(form)]
        if solved:
            return f"the equation solved for {' and '.join(f'${name}$' for name in solved)}"
        if len(_conditions(form)) < len(_conditions(current)):
            return "a condition that follows left out"
        return "terms in the order asked for"

    def _folded(self, writer: _Writer, current: Expr, wanted: set[str]) -> Expr:
        for equation in reversed(self.problem.program.equations):
            if equation.tensor.key in wanted:
                replaced = folded(current, equation)
                if replaced != current:
                    reason = f"definition of ${equation.tensor.key}$, read backwards"
                    current = writer.state(arranged(replaced), "definition", reason)
        return current

    def _earlier_results(self, writer: _Writer, expr: Expr, wanted: set[str]) -> tuple[Expr, tuple[str, ...]]:
        """Every other total derivative replaced by its result, one a line, and which ones those were.

        A derivative by an early node is made of those by later ones, so early nodes are put in first.
        """
        used: list[str] = []
        while names := self._answered(expr, wanted):
            expr = self._put_in(expr, names[0], wanted)
            used.append(names[0])
            expr = writer.state(expr, "earlier result", self._why_put_in(names[0]))
        return expr, tuple(used)

    def _why_put_in(self, name: str) -> str:
        """The part that has the result; of a derivative that is not asked for, one more use of the chain rule."""
        part = self.asked.get(name)
        if part is not None:
            return f"result for ${name}$ put in (part {part.id})"
        node = next(t for t in self.problem.program.tensors() if d(self.problem.program.loss, t).key == name)
        enters = ", ".join(f"${route.of.tensor.key}$" for route in self.adjoints.routes(node))
        return f"chain rule for ${name}$, through {enters}"

    def _answered(self, expr: Expr, wanted: set[str]) -> list[str]:
        """Derivatives that have a result, those by the earliest nodes first."""
        order = [f"d{self.problem.program.loss.key}/d{tensor.key}" for tensor in self.problem.program.tensors()]
        partials = [key for key, t in tensors_in(expr).items() if isinstance(t.name, PartialName)]
        open_ = [key for key in partials if key not in wanted and key in self.adjoints.definitions]
        return sorted(open_, key=order.index)

    def _put_in(self, expr: Expr, name: str, wanted: set[str]) -> Expr:
        """Its collected answer where one stands above in the names that are wanted; else what the chain rule gives."""
        known = next((part for part in self.done if self._answers(part, name, wanted)), None)

        def put_in(node: Expr) -> Expr | None:
            if not (isinstance(node, Read) and node.tensor.key == name):
                return None
            if known is not None and isinstance(known.claim.left, Read):
                return instantiate(Equation(known.claim.left, known.claim.right), node.indices)
            return instantiate(self.simplified(node.tensor), node.indices)

        return arranged(rewrite(expr, put_in))

    @staticmethod
    def _answers(part: Part, name: str, wanted: set[str]) -> bool:
        left = part.claim.left
        asked = isinstance(left, Read) and left.tensor.key == name and not part.claim.assuming
        return asked and part.staged != part.claim.right and set(tensors_in(part.claim.right)) <= wanted

    def simplified(self, target: Tensor) -> Equation:
        """d loss / d node with the vanishing terms left out."""
        raw = self.adjoints.definitions[target.key]
        terms = raw.value.terms if isinstance(raw.value, Add) else (raw.value,)
        return Equation(raw.target, add(*(term for term in terms if not self._vanishes(term))))


def _common_factor(form: Expr) -> str:
    """The reason for the last line: what was taken out of all terms."""
    if isinstance(form, Mul) and any(isinstance(factor, Add) for factor in form.factors):
        outside = [factor for factor in form.factors if not isinstance(factor, Add)]
        if outside:
            return f"common factor ${plain(mul(*outside))}$ taken out"
    return ""


def _bound(expr: Expr) -> dict[str, Index]:
    return {node.index.name: node.index for node in walk(expr) if isinstance(node, Sum)}


def _conditions(expr: Expr) -> set[Expr]:
    return {node for node in walk(expr) if isinstance(node, Bracket)}


class _Writer:
    """Collects steps; each continues the last line of the main chain unless it is an aside."""

    def __init__(self, number: str, left: Expr) -> None:
        self.number = number
        self.left = left
        self.current = left
        self.steps: list[Step] = []
        self.indices = tuple(free_indices(left).values())

    def state(
        self, after: Expr, rule: str, reason: str, struck: tuple[Struck, ...] = (), conditions: tuple[str, ...] = ()
    ) -> Expr:
        after = told_apart(after, frozenset(index.name for index in self.indices))
        struck = tuple(Struck(told_apart(s.term, frozenset(i.name for i in self.indices)), s.reason) for s in struck)
        first = all(step.before != self.left for step in self.steps)
        previous_aside = bool(self.steps) and self.steps[-1].before != self.current and self.steps[-1].left is not None
        left = self.left if first or previous_aside else None
        if after != self.current or struck:
            self._add(left, self.current, after, rule, reason, self.indices, struck, conditions)
            self.current = after
        return self.current

    def restate(self, after: Expr) -> bool:
        """The last line of the chain in another order of its terms and factors, which needs no line of its own."""
        last = self.steps[-1] if self.steps else None
        if last is None or last.struck or last.after != self.current or last.before == after:
            return False
        self.steps[-1] = replace(last, after=after)
        self.current = after
        return True

    def aside(self, left: Expr, value: Expr, rule: str, reason: str) -> None:
        self._add(left, left, value, rule, reason, tuple(free_indices(left).values()))

    def _add(
        self,
        left: Expr | None,
        before: Expr,
        after: Expr,
        rule: str,
        reason: str,
        indices: tuple[Index, ...],
        struck: tuple[Struck, ...] = (),
        conditions: tuple[str, ...] = (),
    ) -> None:
        label = f"{self.number}.{len(self.steps) + 1}"
        self.steps.append(Step(label, left, before, after, rule, reason, indices, conditions, struck))
