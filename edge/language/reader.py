"""Text and signals in, Reading out: verbalise, tokenize, run, decode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import BundleError
from edge.language.bundle import open_bundle, shipped
from edge.language.interpreter import Student
from edge.language.labels import Head, parse_heads
from edge.language.verbalise import VERSION, model_text
from edge.language.wordpiece import WordPiece
from edge.reading import Reading
from edge.situation import Vitals

NO_SIGNALS = Vitals()
MAX_CHARS = 2000  # more than anybody says at once; of the rest both ends are read


class Reader:
    """Reads texts with one bundle. Not thread-safe: one interpreter, one buffer."""

    def __init__(
        self, student: Student, tokenizer: WordPiece, heads: dict[str, Head], tuning: dict[str, float]
    ) -> None:
        self._student = student
        self._tokenizer = tokenizer
        self._heads = heads
        self._tuning = tuning

    @classmethod
    def load(cls, path: Path | None = None, threads: int = 1) -> Reader:
        """Open a bundle folder; ``None`` means the one that came with the package.

        Raises:
            BundleError: not there, damaged, not trusted, or made for another verbaliser.
        """
        bundle = open_bundle(path or shipped())
        if bundle.manifest.get("verbaliser") != VERSION:
            raise BundleError(
                f"the bundle at {bundle.folder} was made for verbaliser {bundle.manifest.get('verbaliser')!r}",
                f"Use one made for verbaliser {VERSION}",
            )
        vocabulary = bundle.file("vocabulary").read_text("utf-8").split("\n")
        heads = parse_heads(bundle.file("labels").read_text("utf-8"))
        student = Student(bundle.file("student"), threads)
        return cls(student, WordPiece(vocabulary), heads, dict(bundle.manifest.get("tuning", {})))

    def read(self, text: str, signals: Vitals = NO_SIGNALS) -> Reading:
        """Read one text. Never fails on any string: what is poor is said in ``degraded``."""
        degraded = None if text.strip() else "empty text"
        if len(text) > MAX_CHARS:
            text = f"{text[: MAX_CHARS // 2]} {text[-MAX_CHARS // 2 :]}"
            degraded = "text too long, its middle was not read"
        ids, cut = self._tokenizer.encode(model_text(text, signals), self._student.lengths[-1])
        if cut:
            degraded = "text too long, its middle was not read"
        raw = self._student.run(ids)
        p = {
            name: dict(zip(head.labels, self.decode(head, raw[name]), strict=True))
            for name, head in self._heads.items()
        }
        embedding = raw["embedding"] / max(float(np.linalg.norm(raw["embedding"])), 1e-9)
        return Reading(
            p=p,
            embedding=embedding,
            concern_threshold=self._tuning.get("concern_threshold", 0.5),
            degraded=degraded,
        )

    @staticmethod
    def decode(head: Head, logits: NDArray[np.float32]) -> list[float]:
        """Probabilities from the raw outputs of one head, shape (labels,)."""
        if head.multi:
            return [float(x) for x in 1 / (1 + np.exp(-np.clip(logits, -60, 60)))]
        shifted = np.exp(logits - logits.max())
        return [float(x) for x in shifted / shifted.sum()]
