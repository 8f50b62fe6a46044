"""Walking surface nodes misses none, whatever field it stands in."""

from __future__ import annotations

import pytest

from derive.reading import surface as s
from derive.reading.latex.blocks import Reader
from derive.reading.trees import nodes_in

TEXTS = [
    r"\sum_{i \ne j} \frac{\partial f}{\partial y_i} \hat{x}_i^2 + \sqrt[3]{w_{k r}^{i j}}",
    r"\begin{cases} x_i & i = 1 \\ -x_i & i > 1 \end{cases} + \mathbf{1}[i \le n - 1]",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}^\top (u v)_{i} + \max(a, b) \prod_{k=1}^{K} z_k",
    r"x_1 + \cdots + x_n + 20\% + e^{-x} + \nabla_w L",
]


def every(node: object) -> list[s.Node]:
    """The same by looking into every field."""
    if isinstance(node, tuple):
        return [found for one in node for found in every(one)]
    if not isinstance(node, s.Node):
        return []
    return [node, *(found for name in node.__struct_fields__ for found in every(getattr(node, name)))]


@pytest.mark.parametrize("text", TEXTS)
def test_every_node_is_found(text: str) -> None:
    for spelled in Reader(text).statements():
        for side in spelled.sides:
            assert sorted(map(id, nodes_in(side))) == sorted(map(id, every(side)))
            assert len(nodes_in(side)) > 5
