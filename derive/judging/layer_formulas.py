"""What is said of a network of linear layers in whole matrices: Y = a(a(X W_h + b_h) W_o + b_o)."""

from __future__ import annotations

import re
from fractions import Fraction

from msgspec.structs import replace

from derive.algebra.binding import rewrite
from derive.algebra.whole import amount_at, as_expression, whole
from derive.errors import AnswerError, BudgetError
from derive.judging.counting.answers import bare
from derive.judging.counting.values import differing, same
from derive.judging.matrix_formulas import MisfitError, Shapes, difference, normal, of_network, shape_of
from derive.judging.subject import Subject
from derive.language.answers import Shape
from derive.language.counting import Count, Counting
from derive.language.derivation import Part
from derive.language.expression import ONE, Expr, Number, tensors_in
from derive.language.functions import largest
from derive.language.judgement import Failure, Finding, Judgement
from derive.language.layer import Activation, Network, every_layer
from derive.language.matrix_formula import Applied, Matrix, Plus, Times, Turned, Whole
from derive.language.tensor import scalar
from derive.reading.answer_text import Answer, Piece, squashed
from derive.reading.answers import Values
from derive.reading.matrix_formula import MatrixReader
from derive.rendering.formula import latex

_CALLED = re.compile(r"(?:a|f|g|phi|sigma|ReLU|relu|ReLu|RELU|activation)\(([a-z])\)")
_PAIR = re.compile(r"\(([^(),]+,[^(),]+)\)")
_PAIRS = re.compile(r"\(([^(),]+,[^(),]+)\)(?:\s*(?:\\times|\\cdot|[*@·×])?\s*\(([^(),]+,[^(),]+)\))+")
_OWN = re.compile(r"[A-Za-z](?:_(?:\{?\w{1,4}\}?))?'?|\\(?:hat|tilde)\{?[A-Za-z]\}?")
RIGHT_ORDER = "examples are rows, so weights stand on the right"


def speaks_of_matrices(subject: Subject, answer: Answer) -> bool:
    """A product of named matrices and nothing else: it says something only where its sizes do not fit."""
    maps = [part for part in subject.known.derivation.parts if _is_map(part)]
    if not maps or answer.label.text or answer.behind or len(answer.values) != 1:
        return False
    return bool(re.search(r"[A-Za-z]_", answer.values[0].text)) and not subject.part


def judge_product(subject: Subject, answer: Answer) -> Judgement | None:
    """XW_h : (m, 50), or (m, 10)(10, 50) = (m, 50); None where the label is no product, of matrices or of shapes."""
    maps = [part for part in subject.known.derivation.parts if _is_map(part)]
    if not answer.label.text or answer.behind or not maps:
        return None
    wants, program = maps[0].question.wants, subject.problem.program
    assert isinstance(wants, Count)
    assert isinstance(program, Counting)
    network = program.network(wants.network)
    shapes = _shapes(subject, network)
    sizes = {tensor.key: tensor.entry() for tensor in program.inputs()}
    try:
        if pairs := _PAIRS.fullmatch(answer.label.text) and _PAIR.findall(answer.label.text):
            typed = [Values(Piece(f"({pair})", 0), answer.text, sizes, grouped=False).shape() for pair in pairs]
            shapes = {f"M_{n}": (one[0], one[1]) for n, one in enumerate(typed)}
            product: Matrix = Times(tuple(map(Whole, shapes)))
            shown_ = " ".join(latex(Shape(one)) for one in typed)
        else:
            product = MatrixReader(answer.label, answer.text, shapes, _function(network)).formula()
            shown_ = shown(product)
        said = [Values(bare(piece), answer.text, sizes, grouped=False).shape() for piece in answer.values]
    except AnswerError:
        return None
    if isinstance(product, Whole):
        return None
    read_as = " = ".join((shown_, *(latex(Shape(one)) for one in said)))
    try:
        found = shape_of(product, shapes)
    except MisfitError as error:
        return _misfit(error, read_as, "", None)
    for one in said:
        if same(Shape(one), Shape(found)):
            continue
        at = differing(one[0], found[0]) or (differing(one[-1], found[1]) if len(one) == 2 else {})
        kind = "transposed" if same(Shape(one[::-1]), Shape(found)) else "shape"
        failure = Failure(at or {}, {}, latex(Shape(found)), latex(Shape(one)))
        return Judgement("refuted", "all sizes", read_as, counterexample=failure,
                         diagnosis=(Finding(kind, "the product has another shape", latex(Shape(found))),))  # fmt: skip
    return Judgement("proved", "all sizes", read_as)


def judge_activation(subject: Subject, answer: Answer) -> Judgement | None:
    r"""a(x) = \max(0, x): what the one activation function of all layers is; None where the text says nothing of it."""
    called = _CALLED.fullmatch(squashed(answer.label.text))
    if called is None or not answer.equals or answer.behind or _functions(subject) != {"relu"}:
        return None
    x = scalar(called[1])
    right = largest(0, x.entry())
    for piece in answer.values:
        text = piece.text.replace(r"\{", "(").replace(r"\}", ")").replace(r"\max", "max").replace(r"\min", "min")
        said = Values(Piece(text, piece.at), answer.text, {called[1]: x.entry()}).number()
        read_as = rf"\operatorname{{ReLU}}\left({latex(x.entry())}\right) = {latex(said)}"
        if same(said, right):
            continue
        for value in (-1, 1, -2, 2, -3, 3, 0):
            values = [_at(side, x.entry(), value) for side in (right, said)]
            if values[0] != values[1]:
                failure = Failure({}, {called[1]: value}, str(values[0]), str(values[1]))
                return Judgement("refuted", "all values", read_as, counterexample=failure,
                                 diagnosis=(Finding("formula", "ReLU is max(0, x)", latex(right)),))  # fmt: skip
        return Judgement("undecided", "no proof and no counterexample", read_as)
    return Judgement("proved", "all values", read_as, "the activation function is ReLU")


def _at(expr: Expr, letter: Expr, value: int) -> Fraction:
    return amount_at(rewrite(expr, lambda node: Number(Fraction(value)) if node == letter else None), {})


def _functions(subject: Subject) -> set[str]:
    """The activation functions of the problem."""
    program = subject.problem.program
    assert isinstance(program, Counting)
    layers = (layer for network in program.networks.values() for layer in every_layer(network.layers))
    return {layer.function for layer in layers if isinstance(layer, Activation)}


def _is_map(part: Part) -> bool:
    return isinstance(part.question.wants, Count) and part.question.wants.what == "map"


def judge_formula(subject: Subject, answer: Answer, part: Part | None = None) -> Judgement:
    """The formula of the whole network; without a part, a product whose sizes do not fit is false by itself."""
    mapped = part or next(part for part in subject.known.derivation.parts if _is_map(part))
    wants, program = mapped.question.wants, subject.problem.program
    assert isinstance(wants, Count)
    assert isinstance(program, Counting)
    network = program.network(wants.network)
    shapes, said = _shapes(subject, network), []
    reading, found = "", None
    for piece in answer.values:
        reader = MatrixReader(piece, answer.text, shapes, _function(network))
        said.append(reader.formula())
        reading = f"{reader.lettered} is the activation function, ReLU" if reader.lettered else reading
    for formula in said:
        found = _formula(subject, mapped, network, shapes, formula, reading, asked=part is not None)
        if found is None:
            raise AnswerError("a product says nothing by itself; write Y = ...", answer.text, answer.values[0].at)
        if found.verdict != "proved":
            return found
    assert found is not None
    return found


def judge_hidden(subject: Subject, answer: Answer) -> Judgement | None:
    """H = ReLU(X W_h + b_h): a name of one's own for what a layer gives, before its activation or behind it.

    None where it is no such thing: the name may stand for something else.
    """
    maps = [part for part in subject.known.derivation.parts if _is_map(part)]
    if not maps or subject.part or not answer.equals or answer.behind or not _OWN.fullmatch(answer.label.text):
        return None
    wants, program = maps[0].question.wants, subject.problem.program
    assert isinstance(wants, Count)
    assert isinstance(program, Counting)
    network = program.network(wants.network)
    shapes = _shapes(subject, network)
    if squashed(answer.label.text) in (*shapes, wants.called):
        return None
    said = [MatrixReader(piece, answer.text, shapes, _function(network)).formula() for piece in answer.values]
    read_as = " = ".join((answer.label.text, *map(shown, said)))
    for number in range(1, len(network.layers)):
        inside = of_network(replace(network, layers=network.layers[:number]))
        if all(normal(one) == normal(inside) for one in said):
            return Judgement("proved", "all sizes", read_as, f"{answer.label.text} is what layer {number} gives")
    return None


def _formula(
    subject: Subject, part: Part, network: Network, shapes: Shapes, said: Matrix, reading: str, *, asked: bool
) -> Judgement | None:
    left = shown(Whole(part.question.wants.called)) if isinstance(part.question.wants, Count) and asked else ""
    read_as = f"{left} = {shown(said)}" if left else shown(said)
    gold = of_network(network)
    try:
        found = shape_of(said, shapes)
    except MisfitError as error:
        return _misfit(error, read_as, reading, gold if asked else None)
    if not asked:
        return None
    wanted = shape_of(gold, shapes)
    for one, other in zip(found, wanted, strict=True):
        if not same(one, other):
            at = differing(one, other)
            if at is None:
                return Judgement("undecided", "the shapes could not be compared", read_as, reading)
            failure = Failure(at, {}, latex(Shape(wanted)), latex(Shape(found)))
            return Judgement("refuted", "all sizes", read_as, reading, counterexample=failure,
                             diagnosis=(Finding("shape", "the result has another shape", shown(gold)),))  # fmt: skip
    try:
        if normal(said) == normal(gold):
            return Judgement("proved", "all sizes", read_as, reading)
    except BudgetError as error:
        return Judgement("undecided", str(error), read_as, reading)
    if _function(network) != "relu":
        return Judgement("undecided", "no proof; only ReLU is tried on numbers", read_as, reading)
    return _by_numbers(said, gold, shapes, read_as, reading)


def _by_numbers(said: Matrix, gold: Matrix, shapes: Shapes, read_as: str, reading: str) -> Judgement:
    sizes = {key for pair in shapes.values() for size in pair for key in tensors_in(size)}
    apart = difference(gold, said, shapes, dict.fromkeys(sizes, 2))
    if apart is None:
        return Judgement("undecided", "no proof and no counterexample were found", read_as, reading)
    place = {"entry": f"{apart.entry[0]}, {apart.entry[1]}"}
    failure = Failure(apart.sizes, place, str(apart.left), str(apart.right))
    near = (("activation missing", "the activation of the last layer is missing", Applied(said)),)
    diagnosis = [Finding(kind, text, shown(gold)) for kind, text, repaired in near if normal(repaired) == normal(gold)]
    if not diagnosis:
        diagnosis = [Finding("formula", "the formula is another one", shown(gold))]
    return Judgement("refuted", "all sizes", read_as, reading, counterexample=failure, diagnosis=tuple(diagnosis))


def _misfit(error: MisfitError, read_as: str, reading: str, gold: Matrix | None) -> Judgement:
    """The inner sizes of a product differ, though they may agree for one batch."""
    left, right = (
        f"{shown(error.left)} : {latex(Shape(error.one))}",
        f"{shown(error.right)} : {latex(Shape(error.other))}",
    )
    if not error.certain:
        return Judgement("undecided", f"{left} and {right} do not fit as they stand", read_as, reading)
    inner, outer = error.one[1], error.other[0]
    at = differing(inner, outer) or {}
    text = f"the product has the inner sizes {latex(inner)} and {latex(outer)}"
    for one, other in ((inner, outer), (outer, inner)):
        if isinstance(one, Number) and not isinstance(other, Number):
            text += f", which agree for {latex(other)} = {latex(one)} alone"
    repair = shown(gold) if gold is not None else ""
    return Judgement("refuted", "all sizes", read_as, reading, counterexample=Failure(at, {}, left, right),
                     diagnosis=(Finding("order of a product", f"{text}; {RIGHT_ORDER}", repair),))  # fmt: skip


def _shapes(subject: Subject, network: Network) -> dict[str, tuple[Expr, Expr]]:
    """The shapes of the input, of the weights and of the biases, by their names."""
    batch, width = _size(network.batch), _size(network.input.channels)
    found = {"X": (batch, width)}
    for layer in network.layers:
        units = getattr(layer, "units", None)
        if units is not None:
            found[f"W_{layer.name}"] = (width, _size(units))
            found[f"b_{layer.name}"] = (ONE, _size(units))
            width = _size(units)
    return found


def _size(value: object) -> Expr:
    return as_expression(whole(value))


def _function(network: Network) -> str:
    """The one activation function that all layers share, '' where they differ."""
    functions = {layer.function for layer in network.layers if isinstance(layer, Activation)}
    return functions.pop() if len(functions) == 1 else ""


def shown(node: Matrix) -> str:
    """As LaTeX."""
    match node:
        case Whole(name):
            base, _, below = name.partition("_")
            return f"{base}_{{{below}}}" if below else base
        case Applied(inside):
            return rf"\operatorname{{ReLU}}\left({shown(inside)}\right)"
        case Turned(inside):
            return f"{_closed(inside)}^T"
        case Times(factors):
            return " ".join(_closed(one) for one in factors)
        case Plus(terms):
            text = " ".join(f"{'+' if sign > 0 else '-'} {shown(term)}" for sign, term in terms)
            return text.removeprefix("+ ")


def _closed(node: Matrix) -> str:
    return shown(node) if isinstance(node, Whole | Applied) else rf"\left({shown(node)}\right)"
