"""What one output of a small convolutional network sees of its input."""

from typing import Any

from derive.language import (
    Convolution, Count, Counting, Features, Mistake, Network, Pooling, Problem, Question, expression, size,
)  # fmt: skip

H, W = size("H", "rows of the image"), size("W", "columns of the image")
OUTPUTS, LAYERS = ("y1", "y2", "y3"), ("conv1", "y1", "y2", "conv3", "conv4", "y3")


def about(padding: int, words: str) -> dict[str, Any]:
    """The network, and what is asked; `padding` is that of the second pair of convolutions."""

    def conv(name: str, channels: int, zeros: int = 1) -> Convolution:
        return Convolution(name=name, channels=channels, kernel=3, padding=zeros)

    layers = (
        conv("conv1", 8), conv("y1", 8), Pooling(name="y2", kernel=2, stride=2),
        conv("conv3", 16, padding), conv("conv4", 16, padding), Pooling(name="y3", kernel=2, stride=2),
    )  # fmt: skip
    return {
        "statement": "An image X of 3 channels goes through two 3 × 3 convolutions with padding 1, which give y1;"
        f" through 2 × 2 max-pooling with stride 2, which gives y2; through two more 3 × 3 convolutions {words} and"
        " another such pooling, which give y3. On which entries of X do y1[k, i, j],"
        " y2[k, i, j] and y3[k, i, j] depend?",
        "program": Counting({"net": Network(Features(3, (H, W)), layers, title="the network")}),
        "questions": (
            *(Question(y, Count("sees", y), text=f"what {y}[k, i, j] depends on") for y in OUTPUTS),
            *(Question(f"{y}_{what}", Count(what, y), text=text)
              for y in LAYERS for what, text in (("field", "size"), ("jump", "jump"), ("start", "start"))),
        ),
        "boxed": OUTPUTS,
        "summary": "The field grows by (k − 1) times the jump of the layer's input, and only then does the stride"
        " multiply the jump.",
        "intuition": "Neighbours in a deep layer lie a jump apart in the input; k of them reach over k − 1 jumps.",
        "conventions": ("Intervals are closed and indices start at 1; a colon takes all channels.",),
        "mistakes": (
            Mistake(
                "stride",
                "y3_field",
                "the stride forgotten",
                "the windows of every layer are 3 or 2 wide, and they add up",
                "after a stride of 2 neighbours lie two pixels apart, so each further window counts double",
                fault="stride forgotten",
            ),
            Mistake(
                "own stride",
                "y2_field",
                "the stride of the layer itself put in front",
                "the pooling has stride 2, so its window seems to count double",
                "a layer's stride moves the layers after it: first field + (k − 1) × jump, then jump × stride",
                form=expression(7),
            ),
            Mistake(
                "padding",
                "y1",
                "the padding forgotten",
                "the window begins at its own place",
                "padding moves every window back by one",
                fault="padding forgotten",
            ),
        ),
        "instance": {"H": 32, "W": 32},
        "sources": ("Araujo, Norris and Sim 2019.",),
    }  # fmt: skip


PROBLEM = Problem(
    id="receptive_field",
    title="Receptive fields",
    variant="padded",
    variants={
        "unpadded": Problem(
            id="receptive_field", title="Receptive fields", variant="unpadded", **about(0, "without padding")
        )
    },
    **about(1, "with padding 1"),
)
