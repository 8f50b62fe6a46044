"""An inception module, naive and with 1 × 1 bottlenecks: parameters, operations, activations."""

from derive.language import (
    Activation, Convolution, Counting, Features, Layer, Mistake, Network, Parallel, Pooling, Problem, Question, Ratio,
    Sequence, ask,
)  # fmt: skip


def conv(channels: int, kernel: int) -> tuple[Layer, ...]:
    """A convolution that keeps the size of the image, and its activation."""
    return (Convolution(name="", channels=channels, kernel=kernel, padding=kernel // 2), Activation(name=""))


POOL = Pooling(name="", kernel=3, stride=1, padding=1)
NAIVE = Network(
    Features(256, (32, 32)),
    (Parallel(branches=(
        Sequence(name="1x1", layers=conv(128, 1)),
        Sequence(name="3x3", layers=conv(192, 3)),
        Sequence(name="5x5", layers=conv(96, 5)),
        Sequence(name="pool", layers=(POOL,)),
    )),),
    title="the naive module",
)  # fmt: skip
BOTTLENECK = Network(
    Features(256, (32, 32)),
    (Parallel(branches=(
        Sequence(name="1x1", layers=conv(128, 1)),
        Sequence(name="3x3", layers=(*conv(64, 1), *conv(192, 3))),
        Sequence(name="5x5", layers=(*conv(64, 1), *conv(96, 5))),
        Sequence(name="pool", layers=(POOL, *conv(64, 1))),
    )),),
    title="the module with bottlenecks",
)  # fmt: skip
NETWORKS = {"naive": NAIVE, "bottleneck": BOTTLENECK}
WHATS = ("params", "adds", "muls", "acts")

PROBLEM = Problem(
    id="inception_cost",
    title="What an inception module costs, with and without bottlenecks",
    statement="An input of 256 × 32 × 32 goes through four branches whose outputs are concatenated. Naive: 1 × 1 to"
    " 128; 3 × 3 to 192; 5 × 5 to 96; 3 × 3 max-pooling with stride 1. With bottlenecks: 1 × 1 to 128; 1 × 1 to 64,"
    " then 3 × 3 to 192; 1 × 1 to 64, then 5 × 5 to 96; max-pooling, then 1 × 1 to 64. All keep the size of the image;"
    " every convolution has a bias and an activation function. Count parameters, additions, multiplications and"
    " evaluations of the activation function, for each branch and for the module.",
    program=Counting(NETWORKS, {"bias": "with", "layout": "channels first"}),
    questions=(
        *(question for key, network in NETWORKS.items() for what in WHATS for question in ask(what, network, key)),
        *(Question(f"compare_{what}", Ratio((f"naive_{what}", f"bottleneck_{what}")), text="naive : with bottlenecks")
          for what in WHATS),
    ),
    boxed=("naive_params", "bottleneck_params", "naive_muls", "bottleneck_muls"),
    summary="A bottleneck pays: a 1 × 1 convolution to few channels makes the expensive kernel after it thin.",
    intuition="The 5 × 5 kernel is as deep as its input, so what it costs falls in proportion to the channels that"
    " reach it: from 256 to 64, to a quarter. The 1 × 1 convolution in front costs far less than is saved.",
    conventions=("With K products an output value takes K − 1 additions, and one more for its bias.",),
    mistakes=(
        Mistake(
            "channels",
            "bottleneck_muls",
            "one input channel",
            "the kernel is drawn as a square",
            "every kernel is as deep as its input",
            fault="input channels forgotten",
        ),
        Mistake(
            "padding",
            "naive_muls_5x5",
            "the padding forgotten",
            "a 5 × 5 kernel fits 28 times into 32",
            "with padding 2 there are 32 places; else the branches could not be concatenated",
            fault="padding forgotten",
        ),
    ),
    sources=("Szegedy et al. 2015, section 4.",),
)  # fmt: skip
