"""One document model, printed as LaTeX, Typst and PDF."""

from derive.rendering.composition import compose
from derive.rendering.pdf import typeset

__all__ = ["compose", "typeset"]
