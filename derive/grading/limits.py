"""What one statement may cost."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """How long one statement may take, in seconds, and how much memory a worker may have, in MB."""

    workers: int = 0  # as many as there are processors
    seconds: float = 20.0
    megabytes: int = 2048
