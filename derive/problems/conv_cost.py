"""Two convolutions, the first with stride 2: parameters, multiply-adds and memory."""

from derive.language import Convolution, Count, Counting, Features, Mistake, Network, Problem, Question, Ratio, ask

STACK = Network(
    Features(128, (64, 64)),
    (
        Convolution(name="conv1", channels=256, kernel=3, stride=2, padding=1, bias=False),
        Convolution(name="conv2", channels=512, kernel=3, padding=1, bias=False),
    ),
    title="the stack",
)

PROBLEM = Problem(
    id="conv_cost",
    title="What a stack of two convolutions costs",
    statement="An input with 128 channels of 64 × 64 goes through a 3 × 3 convolution to 256 channels with stride 2"
    " and a 3 × 3 convolution to 512 channels with stride 1; both are padded with one row of zeros and have no bias."
    " How many parameters and multiply-adds are there, for each layer and in all, and how large are the feature maps?",
    program=Counting({"stack": STACK}, {"bias": "without", "layout": "channels first"}),
    questions=(
        *ask("params", STACK),
        *ask("madds", STACK),
        *ask("shape", STACK, whole=False),
        Question("memory_in", Count("inputs"), text="values in the input"),
        Question("memory_between", Count("values", "conv1"), text="values between the layers"),
        Question("memory_out", Count("values", "conv2"), text="values in the output"),
        Question("memory", Ratio(("memory_in", "memory_between", "memory_out")), text="input : between : output"),
    ),
    boxed=("params", "madds", "memory"),
    summary="A stride of 2 makes a quarter of the places, so doubling the channels still halves the memory.",
    intuition="The second layer has four times the weights of the first, and both give as many places; so it costs"
    " four times as much.",
    mistakes=(
        Mistake(
            "stride",
            "madds_conv1",
            "the stride forgotten",
            "padding of one keeps the size of a 3 × 3 convolution",
            "with stride 2 the window stands at every second place, in both directions",
            fault="stride forgotten",
        ),
        Mistake(
            "channels",
            "params_conv2",
            "one input channel",
            "a 3 × 3 kernel looks like nine numbers",
            "a kernel is as deep as its input: every output channel has one 3 × 3 slice for each input channel",
            fault="input channels forgotten",
        ),
        Mistake(
            "flops",
            "madds",
            "multiply-adds and operations mixed up",
            "a multiply-add is two operations, so one of the numbers is half of the other",
            "one multiply-add is two operations: the number of operations is twice this one, not half of it",
            fault="MAC = 2 FLOP inverted",
        ),
    ),
)
