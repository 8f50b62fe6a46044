"""An answer key that proves itself: derivations for all sizes, checked line by line, printed and judged."""

__version__ = "0.1.0"
