"""Examples in memory and batches of like length: most texts are far shorter than the longest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from distill.corpus.authored import Twin
from edge.language.labels import Head

UNKNOWN = -1  # a head that an example says nothing about


@dataclass(frozen=True, slots=True)
class Examples:
    """Token ids and labels.

    Attributes:
        ids: one list of token ids a text.
        labels: head -> int32 (texts,) with UNKNOWN, or float32 (texts, labels) for multi-label heads
            (a row of UNKNOWN where nothing is known).
    """

    ids: list[list[int]]
    labels: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, rows: NDArray[np.int64]) -> tuple[Any, dict[str, Any]]:
        """Padded ids (rows, length) and the labels of some rows, as tensors."""
        return padded(self.ids, rows), {
            name: tf.constant(values[rows]) for name, values in self.labels.items()
        }


def padded(ids: list[list[int]], rows: NDArray[np.int64]) -> Any:
    """Ids of some rows, padded with 0 to a multiple of eight, so that few shapes are traced."""
    width = -(-max(len(ids[r]) for r in rows) // 8) * 8
    block = np.zeros((len(rows), width), np.int32)
    for k, r in enumerate(rows):
        block[k, : len(ids[r])] = ids[r]
    return tf.constant(block)


def label_arrays(
    twins: list[Twin], states: list[str | None], heads: dict[str, Head]
) -> dict[str, NDArray[Any]]:
    """Labels of twins (and the hidden states that their signals came from) as arrays."""
    out: dict[str, NDArray[Any]] = {}
    for name, head in heads.items():
        if head.multi:
            rows = [[float(label in getattr(t, name)) for label in head.labels] for t in twins]
            out[name] = np.asarray(rows, np.float32)
        elif name == "state":
            out[name] = np.asarray([UNKNOWN if s is None else head.labels.index(s) for s in states], np.int32)
        else:
            out[name] = np.asarray([head.labels.index(getattr(t, name)) for t in twins], np.int32)
    return out


def bucketed(examples: Examples, batch: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Shuffled batches whose texts are about equally long."""
    lengths = np.asarray([len(row) for row in examples.ids])
    order = np.argsort(lengths + rng.uniform(0, 8, len(lengths)), kind="stable")
    batches = [order[i : i + batch] for i in range(0, len(order), batch)]
    rng.shuffle(batches)
    return batches
