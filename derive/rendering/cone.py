"""A receptive field as a cone: one row of cells for each layer, what one output sees hatched, padding outlined."""

from __future__ import annotations

from derive.rendering.context import Context
from derive.rendering.document import Block


def cone_figure(context: Context) -> list[Block]:
    return []
