"""Two residual blocks, basic and bottleneck: how many parameters."""

from derive.language import (
    Convolution, Counting, Features, Mistake, Network, Parallel, Problem, Question, Ratio, Sequence, ask,
)  # fmt: skip


def block(title: str, channels: int, *body: Convolution) -> Network:
    """x + body(x)."""
    branches = (Sequence(layers=body), Sequence(layers=()))
    return Network(Features(channels, (16, 16)), (Parallel(branches=branches, join="add"),), 128, title)


BASIC = block(
    "the basic block", 32,
    Convolution(name="conv1", channels=32, kernel=3, padding=1),
    Convolution(name="conv2", channels=32, kernel=3, padding=1),
)  # fmt: skip
BOTTLENECK = block(
    "the bottleneck block", 128,
    Convolution(name="conv1", channels=32, kernel=1),
    Convolution(name="conv2", channels=32, kernel=3, padding=1),
    Convolution(name="conv3", channels=128, kernel=1),
)  # fmt: skip
NETWORKS = {"basic": BASIC, "bottleneck": BOTTLENECK}

PROBLEM = Problem(
    id="residual_cost",
    title="Parameters of a basic and of a bottleneck block",
    statement="Input of 128 × 16 × 16 × C, that is N × H × W × C. (a) A basic block has two 3 × 3 convolutions, 32 to"
    " 32 to 32 channels. (b) A bottleneck block has a 1 × 1 convolution from 128 to 32, a 3 × 3 from 32 to 32, and a 1"
    " × 1 from 32 to 128 channels. How many parameters has each, for each layer and in all, with bias and without?",
    program=Counting(NETWORKS),
    questions=(
        *(q for key, network in NETWORKS.items() for q in (
            *ask("params", network, key, choices={"bias": "with"}, prefix=f"{key}_with_"),
            *ask("params", network, key, choices={"bias": "without"}, prefix=f"{key}_without_"),
        )),
        Question("compare_with", Ratio(("basic_with_params", "bottleneck_with_params")), text="with bias"),
        Question("compare_without", Ratio(("basic_without_params", "bottleneck_without_params")), text="without bias"),
    ),
    boxed=("basic_with_params", "basic_without_params", "bottleneck_with_params", "bottleneck_without_params"),
    summary="The bottleneck block works on four times the channels with fewer parameters than the basic one.",
    intuition="Only its middle layer has a 3 × 3 kernel, and that one sees 32 channels; what is wide is only 1 × 1.",
    conventions=("The shortcut and the addition have no parameters, and neither has the size of the image a say.",),
    mistakes=(
        Mistake(
            "channels",
            "bottleneck_with_params_conv1",
            "one input channel",
            "a 1 × 1 kernel looks like one number",
            "it is one number for each of the 128 channels that it mixes",
            fault="input channels forgotten",
        ),
        Mistake(
            "bias",
            "basic_with_params",
            "one bias for a layer",
            "a layer is written with one letter b",
            "there is one bias for each feature map",
            fault="bias once a layer",
        ),
    ),
    sources=("He et al. 2016, figure 5.",),
)  # fmt: skip
