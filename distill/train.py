"""Distillation: the student learns the teacher's soft targets, its embedding, and the hard labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from distill.batches import UNKNOWN, Examples, bucketed
from distill.objective import embedding_loss, hard_loss, soft_loss
from distill.progress import Progress
from distill.recipe import StudentRecipe
from distill.student import Weights, forward
from edge.language.labels import Head


def distil(
    weights: Weights,
    recipe: StudentRecipe,
    examples: Examples,
    targets: NDArray[np.int64],
    signals: dict[str, NDArray[np.float16]],
    heads: dict[str, Head],
    attention_heads: int,
    folder: Path,
    seed: int,
) -> Weights:
    """Train the student; a checkpoint after each epoch, taken up again if one is there.

    Args:
        examples: student token ids and hard labels (UNKNOWN where a text has none).
        targets: for each example the row of its teacher signals.
        signals: head -> teacher logits, and ``embedding``; shape (teacher texts, n).

    Returns:
        The trained weights.
    """
    variables = {name: keras.Variable(value, name=name) for name, value in weights.items()}
    listed = list(variables.values())
    steps_an_epoch = -(-len(examples) // recipe.batch)
    steps = recipe.epochs * steps_an_epoch
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=recipe.learning_rate, warmup_steps=max(1, steps // 20)
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay)
    optimizer.build(listed)

    @tf.function(reduce_retracing=True, autograph=False)
    def step(ids: Any, labels: dict[str, Any], teacher: dict[str, Any]) -> Any:
        with tf.GradientTape() as tape:
            values = {name: v.value for name, v in variables.items()}
            values = {name: tf.convert_to_tensor(v) for name, v in values.items()}
            out = forward(
                values, ids, heads, len(recipe.layers), attention_heads=attention_heads, training=True
            )
            loss = tf.reduce_mean(
                recipe.soft_weight * soft_loss(out, teacher, heads, recipe.temperature)
                + recipe.hard_weight * hard_loss(out, labels, heads)
                + recipe.embedding_weight * embedding_loss(out["embedding"], teacher["embedding"])
            )
        gradients = tape.gradient(loss, [v.value for v in listed])
        gradients = [tf.convert_to_tensor(g) for g in gradients]
        gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
        optimizer.apply(gradients, listed)
        return loss

    done = 0
    for path in sorted(folder.glob("student-epoch*.npz")):
        with np.load(path) as saved:
            for name, variable in variables.items():
                variable.assign(saved[name])
        done = int(path.stem.removeprefix("student-epoch"))
        optimizer.iterations.assign(done * steps_an_epoch)
    for epoch in range(done, recipe.epochs):
        rng = np.random.default_rng((seed, 1, epoch))
        batches = bucketed(examples, recipe.batch, rng)
        with Progress(f"student epoch {epoch + 1}/{recipe.epochs}", len(batches)) as bar:
            for rows in batches:
                teacher = {k: tf.constant(v[targets[rows]].astype(np.float32)) for k, v in signals.items()}
                loss = step(*examples.batch(rows), teacher)
                bar.advance(f"loss {float(loss):.3f}")
        current = {name: np.asarray(v) for name, v in variables.items()}
        part = folder / "student.part.npz"
        np.savez(part, **current)  # type: ignore[arg-type]
        part.replace(folder / f"student-epoch{epoch + 1:03d}.npz")
        (folder / f"student-epoch{epoch:03d}.npz").unlink(missing_ok=True)
    return {name: np.asarray(v) for name, v in variables.items()}


def without_hard_labels(labels: dict[str, NDArray[Any]], rows: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """Labels with UNKNOWN in the given rows."""
    out = {name: values.copy() for name, values in labels.items()}
    for values in out.values():
        values[rows] = UNKNOWN
    return out
