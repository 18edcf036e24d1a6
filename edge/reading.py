"""What the student says of one text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The student's own view of a text, before any rule.

    Attributes:
        p: head name -> label name -> probability in [0, 1]; single-label heads sum to 1.
        embedding: shape (dim,), unit length: where the text lies among other texts.
        concern_threshold: a concern counts from this probability on.
        degraded: why the reading is poor (empty text, cut text), else None.
    """

    p: Mapping[str, Mapping[str, float]]
    embedding: NDArray[np.float32]
    concern_threshold: float = 0.5
    degraded: str | None = None

    def top(self, head: str) -> str:
        """The most probable label of a single-label head."""
        labels = self.p[head]
        return max(labels, key=lambda name: labels[name])

    @property
    def intent(self) -> str:
        """What the person wants."""
        return self.top("intent")

    @property
    def urgency(self) -> str:
        """What the text alone demands, by the student."""
        return self.top("urgency")

    @property
    def exertion(self) -> str:
        """The effort the person says they feel."""
        return self.top("exertion")

    @property
    def state(self) -> str:
        """Where the body is, from signals and text; meaningful only with signals."""
        return self.top("state")

    @property
    def concern(self) -> tuple[str, ...]:
        """Present problems, in the order of the contract."""
        return tuple(name for name, prob in self.p["concern"].items() if prob >= self.concern_threshold)
