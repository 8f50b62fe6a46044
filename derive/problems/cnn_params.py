"""Three convolutions on a colour image: how many parameters."""

from derive.language import Convolution, Counting, Features, Mistake, Network, Problem, ask

CNN = Network(
    Features(3, (200, 300)),
    tuple(
        Convolution(name=f"conv{n}", channels=channels, kernel=3, stride=2, padding="same")
        for n, channels in enumerate((100, 200, 400), 1)
    ),
    title="the network",
)

PROBLEM = Problem(
    id="cnn_params",
    title="Parameters of three convolutions",
    statement='An RGB image of 200 × 300 goes through three 3 × 3 convolutions with stride 2, "same" padding and bias,'
    " which give 100, 200 and 400 feature maps. How many parameters are there, in each layer and in all?",
    program=Counting({"cnn": CNN}, {"bias": "with", "layout": "channels first"}),
    questions=(*ask("params", CNN), *ask("shape", CNN, whole=False)),
    boxed=("params",),
    summary="Parameters depend on kernels and channels alone; the size of the image, the stride and the padding do not"
    " enter.",
    intuition="One kernel is used at every place, so a larger image needs no more weights. The last layer has almost"
    " all of them, because weights grow with the product of the channels before and after it.",
    mistakes=(
        Mistake(
            "channels",
            "params_conv1",
            "one input channel",
            "the image is taken for one plane of numbers",
            "a colour image has three channels, and a kernel is as deep as its input",
            fault="input channels forgotten",
        ),
        Mistake(
            "bias",
            "params_conv3",
            "one bias for the layer",
            "a layer is written with one letter b",
            "b is a vector: one bias for each feature map",
            fault="bias once a layer",
        ),
        Mistake(
            "places",
            "params_conv2",
            "a bias at each place",
            "every output value has a bias added",
            "the bias is shared over the places, like the kernel",
            fault="bias at each position",
        ),
    ),
)
