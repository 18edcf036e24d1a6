"""Runs a ``.tflite`` file: ai-edge-litert, or tflite-runtime where only that is installed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import BundleError


@contextlib.contextmanager
def quiet_native() -> Iterator[None]:
    """Send what native libraries print to file descriptor 2 to nowhere, for as long as it lasts."""
    with contextlib.ExitStack() as stack:
        try:
            saved = os.dup(2)
            sink = os.open(os.devnull, os.O_WRONLY)
        except OSError:  # no stderr at all, or no descriptors left: nothing to silence
            yield
            return
        stack.callback(os.close, saved)
        stack.callback(os.close, sink)
        os.dup2(sink, 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)


def _interpreter_class() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        try:
            from tflite_runtime.interpreter import Interpreter
        except ImportError as error:
            raise BundleError(
                "no TFLite runtime is installed", "Install ai-edge-litert (pip install pulsewise does)"
            ) from error
    return Interpreter


class Student:
    """A loaded student file with one signature a length.

    Signatures are named ``n16``, ``n32``, ...; input ``ids`` int32 (1, n), 0 = padding; outputs by head name,
    float32 (1, labels), and ``embedding`` (1, dim).
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        try:
            with quiet_native():
                self._interpreter = _interpreter_class()(model_path=str(path), num_threads=threads)
                names = list(self._interpreter.get_signature_list())
                self._runners = {int(n[1:]): self._interpreter.get_signature_runner(n) for n in names}
        except (ValueError, RuntimeError, OSError) as error:
            raise BundleError(
                f"{path.name} can not be loaded: {str(error)[:120]}", "Install the bundle again"
            ) from error
        self.lengths: Sequence[int] = sorted(self._runners)

    def run(self, ids: Sequence[int]) -> dict[str, NDArray[np.float32]]:
        """Raw outputs (logits and embedding) for one text of at most ``lengths[-1]`` ids."""
        length = next(n for n in self.lengths if n >= len(ids))
        padded = np.zeros((1, length), np.int32)
        padded[0, : len(ids)] = ids
        with quiet_native():
            out = self._runners[length](ids=padded)
        return {name: value[0] for name, value in out.items()}
