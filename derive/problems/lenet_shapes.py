"""LeNet's table of output shapes."""

from derive.language import Convolution, Counting, Features, Flatten, Linear, Mistake, Network, Pooling, Problem, ask

LENET = Network(
    Features(1, (28, 28)),
    (
        Convolution(name="conv1", channels=6, kernel=5, padding=2),
        Pooling(name="pool1", kernel=2, stride=2),
        Convolution(name="conv2", channels=16, kernel=5),
        Pooling(name="pool2", kernel=2, stride=2),
        Flatten(name="flatten"),
        Linear(name="fc1", units=120),
        Linear(name="fc2", units=84),
        Linear(name="fc3", units=10),
    ),
    title="LeNet",
)

PROBLEM = Problem(
    id="lenet_shapes",
    title="LeNet layer by layer",
    statement="An image of 28 × 28 × 1 goes through a 5 × 5 convolution with 6 maps and padding 2, 2 × 2 max-pooling"
    " with stride 2, a 5 × 5 convolution with 16 maps, 2 × 2 max-pooling with stride 2, and fully connected layers"
    " with 120, 84 and 10 units. What is the shape of each output?",
    program=Counting({"lenet": LENET}),
    questions=ask("shape", LENET, whole=False),
    boxed=("shape_pool2", "shape_flatten", "shape_fc3"),
    summary="A window of k in n places with p zeros on each side, moved by s, fits floor((n + 2p − k)/s) + 1 times.",
    intuition="Channels come from the layer, places from the window: a convolution chooses its channels, pooling keeps"
    " them.",
    mistakes=(
        Mistake(
            "padding",
            "shape_conv1",
            "the padding forgotten",
            "the second convolution has none",
            "two zeros on each side make room for as many places as there are pixels",
            fault="padding forgotten",
        ),
        Mistake(
            "stride",
            "shape_pool1",
            "the stride forgotten",
            "a window of 2 fits 27 times into 28",
            "with stride 2 windows do not overlap",
            fault="stride forgotten",
        ),
    ),
)
