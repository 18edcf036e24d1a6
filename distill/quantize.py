"""Student weights -> TFLite: fp32 and dynamic-range int8, one signature a length over one copy of the weights."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from distill.student import Weights, forward
from edge.errors import PulsewiseError
from edge.language.interpreter import Student, quiet_native
from edge.language.labels import Head


def convert(
    weights: Weights,
    heads: dict[str, Head],
    layers: int,
    attention_heads: int,
    lengths: tuple[int, ...],
    int8: bool,
) -> bytes:
    """A ``.tflite`` file.

    Raises:
        PulsewiseError: the file is too small to hold its weights (a converter fault seen in the field).
    """
    module = tf.Module()
    constants = {name: tf.constant(value) for name, value in weights.items()}

    def signature(length: int) -> Any:
        def serve(ids: Any) -> dict[str, Any]:
            return forward(constants, ids, heads, layers, attention_heads=attention_heads)

        return tf.function(
            serve, autograph=False, input_signature=[tf.TensorSpec((1, length), tf.int32, name="ids")]
        )

    signatures = {}
    for length in lengths:
        concrete = signature(length).get_concrete_function()
        signatures[f"n{length}"] = concrete
    with tempfile.TemporaryDirectory() as folder, quiet_native():
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(signatures))
        if int8:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        data: bytes = converter.convert()
    floats = sum(value.size for value in weights.values())
    if len(data) < floats * (1 if int8 else 4) * 0.9:
        raise PulsewiseError(
            f"the converted student has {len(data)} bytes for {floats} weights",
            "Check the TensorFlow version",
        )
    return data


def agreement(
    path: Path,
    weights: Weights,
    heads: dict[str, Head],
    layers: int,
    attention_heads: int,
    ids: list[list[int]],
) -> float:
    """Largest difference of any logit between the file, run in LiteRT, and the weights, run in TensorFlow."""
    student = Student(path)
    worst = 0.0
    for row in ids:
        ours = student.run(row)
        theirs = forward(weights, tf.constant([row]), heads, layers, attention_heads=attention_heads)
        worst = max(worst, *(float(np.abs(ours[n] - np.asarray(theirs[n])[0]).max()) for n in heads))
    return worst
