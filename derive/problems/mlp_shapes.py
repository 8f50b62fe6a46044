"""A multilayer perceptron on a batch: which way round its matrices stand."""

from derive.language import (
    Activation, Count, Counting, Features, Linear, Mistake, Network, Problem, Question, shape, size,
)  # fmt: skip

m = size("m", "examples in the batch")
MLP = Network(
    Features(10),
    (Linear(name="h", units=50), Activation(name=""), Linear(name="o", units=3), Activation(name="")),
    batch=m,
    title="the perceptron",
)

PROBLEM = Problem(
    id="mlp_shapes",
    title="Shapes in a multilayer perceptron",
    statement="A batch of $m$ samples with 10 features each goes through one hidden layer of 50 neurons to 3 outputs;"
    " all neurons use ReLU. Samples are rows. What are the shapes of the input X, of the weights and biases of the"
    " hidden layer and of the output layer, and of the output Y? What is Y in one formula?",
    program=Counting({"mlp": MLP}),
    questions=(
        Question("X", Count("input", called="X"), text="one row for each sample"),
        Question("Wh", Count("weight", "h", called="W_h"), text="from 10 features to 50 neurons"),
        Question("bh", Count("bias", "h", called="b_h"), text="one for each hidden neuron"),
        Question("Wo", Count("weight", "o", called="W_o"), text="from 50 neurons to 3"),
        Question("bo", Count("bias", "o", called="b_o"), text="one for each output"),
        Question("Y", Count("shape", called="Y"), text="one row for each sample"),
        Question("equation", Count("map", called="Y"), text="the outputs use ReLU too"),
    ),
    boxed=("Wh", "Wo", "Y", "equation"),
    summary="Samples are rows, so a weight matrix stands on the right and has the shape inputs × outputs.",
    intuition="A product X W pairs the columns of X, which are features, with the rows of W. The number of samples is"
    " no feature, so it cannot be a size of a weight.",
    conventions=(
        "A bias is added to every row of a product.",
        "Shapes that fit are necessary, not sufficient.",
        "A product whose inner sizes agree only for one $m$ is wrong for every other.",
    ),
    mistakes=(
        Mistake(
            "transposed",
            "Wh",
            "weights stored as outputs × inputs",
            "that is right where samples are columns, and in frameworks that keep the transpose",
            "with samples as rows, X is $m$ × 10, so what it is multiplied with has 10 rows",
            form=shape(50, 10),
        ),
        Mistake(
            "samples",
            "Wo",
            "the batch as a size of a weight",
            "with as many samples as hidden neurons the product exists",
            "its inner sizes agree for one batch size alone; a weight does not depend on how many samples there are",
            form=shape(m, 3),
        ),
    ),
    instance={"m": 32},
)
