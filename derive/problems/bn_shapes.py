"""Shapes of the statistics of batch normalization, after a fully connected layer and after a convolution."""

from derive.language import Count, Counting, Features, Mistake, Network, Normalization, Problem, Question, size
from derive.language import shape

N, H, W, C = size("N", "examples"), size("H", "rows"), size("W", "columns"), size("C", "channels")
norm = (Normalization(name="norm"),)

PROBLEM = Problem(
    id="bn_shapes",
    title="Shapes of the statistics of batch normalization",
    statement="Batch normalization is put after a fully connected layer, whose output x has the shape $N$ × $C$, and"
    " after a convolution, whose output has the shape $N$ × $H$ × $W$ × $C$. What are the shapes of the mean and of the"
    " variance?",
    program=Counting(
        networks={
            "fc": Network(Features(C), norm, batch=N, title="after a fully connected layer"),
            "conv": Network(Features(C, (H, W)), norm, batch=N, title="after a convolution"),
        },
    ),
    questions=(
        Question("fc_mean", Count("mean", "norm", "fc"), text="one mean for each feature, over the examples"),
        Question("fc_var", Count("var", "norm", "fc"), text="one variance for each feature"),
        Question("conv_mean", Count("mean", "norm", "conv"), text="one for each channel, over examples and places"),
        Question("conv_var", Count("var", "norm", "conv"), text="one variance for each channel"),
    ),
    boxed=("fc_mean", "fc_var", "conv_mean", "conv_var"),
    summary="There is one mean and one variance for each channel; everything else is averaged over.",
    intuition="A convolution uses one kernel at every place, so all places of a channel are alike and are normalized"
    " with the same numbers: a place is one more example.",
    conventions=(
        "The variance is an average too, so it has the shape of the mean.",
        "$C$ statistics in a row, and the same with axes of size 1 beside them, are one answer in two forms.",
    ),
    mistakes=(
        Mistake(
            "per_place",
            "conv_mean",
            "a mean for each place",
            "after a fully connected layer every feature has its own mean, and a place looks like a feature",
            "average over the places as well: the kernel that made them is shared",
            form=shape(1, H, W, C),
        ),
        Mistake(
            "per_example",
            "fc_mean",
            "averaged over the features",
            "the mean of a row is what layer normalization takes",
            "batch normalization averages over the examples, down each column",
            form=shape(N, 1),
        ),
    ),
    instance={"N": 32, "H": 28, "W": 28, "C": 16},
    sources=("Ioffe and Szegedy 2015, section 3.2.",),
)
