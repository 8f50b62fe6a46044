"""LeNet-5: sizes, trainable weights and connections, today's reading and the network of 1998."""

from derive.language import (
    Convolution, Counting, Features, Flatten, Linear, Mistake, Network, Pooling, Problem, ask,
)  # fmt: skip

# C3 of 1998: which of the 6 maps of S2 each of its 16 maps sees; 6 see 3 neighbours, 9 see 4, the last one sees all
TABLE = (
    (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 6), (1, 5, 6), (1, 2, 6),
    (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 6), (1, 4, 5, 6), (1, 2, 5, 6), (1, 2, 3, 6),
    (1, 2, 4, 5), (2, 3, 5, 6), (1, 3, 4, 6), (1, 2, 3, 4, 5, 6),
)  # fmt: skip


def lenet(title: str, *, table: tuple[tuple[int, ...], ...] = (), trainable: bool = False) -> Network:
    """C5 sees all of its input at one place, so it is a convolution with one output place."""
    layers = (
        Convolution(name="C1", channels=6, kernel=5, padding=2),
        Pooling(name="S2", kernel=2, kind="average" if trainable else "max", trainable=trainable),
        Convolution(name="C3", channels=16, kernel=5, table=table),
        Pooling(name="S4", kernel=2, kind="average" if trainable else "max", trainable=trainable),
        Convolution(name="C5", channels=120, kernel=5),
        Flatten(name=""),
        Linear(name="F6", units=84),
        Linear(name="output", units=10),
    )
    return Network(Features(1, (28, 28)), layers, title=title)


MODERN = lenet("today's network")
OLD = lenet("the network of 1998", table=TABLE, trainable=True)

PROBLEM = Problem(
    id="lenet_cost",
    title="LeNet-5: weights and connections",
    statement="An image of 1 × 28 × 28 goes through C1 (6 maps, 5 × 5, padded), S2 (2 × 2), C3 (16 maps, 5 × 5), S4 (2"
    " × 2), C5 (120), F6 (84) and the output (10). For each layer: the size of its output, the number of trainable"
    " weights, and the number of connections, that is weights used by an output unit times output units; and the"
    " totals.",
    program=Counting({"modern": MODERN, "1998": OLD}, {"bias": "without", "layout": "channels first"}),
    questions=(
        *ask("shape", MODERN, whole=False),
        *ask("params", MODERN),
        *ask("conns", MODERN),
        *ask("params", OLD, "1998", choices={"bias": "with"}, prefix="old_"),
        *ask("conns", OLD, "1998", choices={"bias": "with"}, prefix="old_"),
        *ask("params", OLD, "1998", choices={"bias": "without"}, prefix="old_without_"),
        *ask("conns", OLD, "1998", choices={"bias": "without"}, prefix="old_without_"),
    ),
    boxed=("params", "conns", "old_params", "old_conns"),
    summary="Convolutions have few weights and many connections; fully connected layers have one connection for each"
    " weight.",
    intuition="A weight of a convolution is used at every place of its map, so it counts once as a weight and as often"
    " as there are places as a connection.",
    conventions=(
        "In 1998 a pooling map had one coefficient and one bias to learn.",
        "In 1998 C3 was connected by a table: 6 of its maps see 3 maps, 9 see 4 and 1 sees 6.",
        "The output is counted as a linear layer; in 1998 its 840 numbers were set by hand.",
    ),
    mistakes=(
        Mistake(
            "table",
            "old_params_C3",
            "the table ignored",
            "every map of a convolution sees every input map today",
            "sum over the 16 maps how many inputs each one sees: 6 · 3 + 9 · 4 + 6 = 60, not 96",
            fault="table ignored",
        ),
        Mistake(
            "padding",
            "conns_C1",
            "the padding forgotten",
            "a 5 × 5 kernel fits 24 times into 28",
            "the image is padded to 32 × 32, so C1 gives 28 × 28",
            fault="padding forgotten",
        ),
        Mistake(
            "bias",
            "old_params_C1",
            "one bias for the layer",
            "a layer is written with one letter b",
            "there is one bias for each map",
            fault="bias once a layer",
        ),
    ),
    sources=("LeCun, Bottou, Bengio and Haffner 1998, section II.B and table I.",),
)  # fmt: skip
