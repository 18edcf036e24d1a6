"""The teacher: a pretrained BERT with one linear head a question, fine-tuned on the English corpus.

Heads sit on the mean of the last hidden states over the real tokens, which is also the embedding that the
student learns to match (Reimers and Gurevych 2019).
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import keras
import keras_hub
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from distill.batches import Examples, bucketed
from distill.objective import hard_loss
from distill.progress import Progress
from distill.recipe import TeacherRecipe
from edge.errors import InputError
from edge.language.labels import Head
from edge.language.wordpiece import WordPiece


def weights_folder(name: str) -> Path:
    """The Hugging Face folder of a teacher: a path, or a package that carries ``model/``.

    Raises:
        InputError: neither, or no BERT in it.
    """
    folder = Path(name).expanduser()
    if not folder.is_dir():
        spec = importlib.util.find_spec(name) if name.isidentifier() else None
        if spec is None or not spec.submodule_search_locations:
            raise InputError(f"no teacher weights at {name!r}", "Give a BERT folder, or run: make distill")
        folder = Path(spec.submodule_search_locations[0]) / "model"
    try:
        kind = json.loads((folder / "config.json").read_text("utf-8")).get("model_type")
    except (OSError, json.JSONDecodeError) as error:
        raise InputError(
            f"{folder} has no readable config.json", "Give a Hugging Face BERT folder"
        ) from error
    if kind != "bert":
        raise InputError(f"the checkpoint in {folder} is a {kind!r}, not a BERT", "Give a BERT checkpoint")
    return folder


def teacher_vocabulary(folder: Path) -> list[str]:
    """The pieces of a BERT folder, position = id."""
    return (folder / "vocab.txt").read_text("utf-8").splitlines()


class Teacher:
    """A BERT with heads.

    Attributes:
        backbone: the keras-hub model.
        heads: name -> (kernel (hidden, labels), bias (labels,)).
        tokenizer: the BERT's own WordPiece.
    """

    def __init__(self, recipe: TeacherRecipe, heads: dict[str, Head], seed: int) -> None:
        keras.utils.set_random_seed(seed)
        folder = weights_folder(recipe.weights)
        self.backbone = keras_hub.models.BertBackbone.from_preset(str(folder), dropout=recipe.dropout)
        self.tokenizer = WordPiece(teacher_vocabulary(folder))
        hidden = self.backbone.hidden_dim
        init = keras.initializers.RandomNormal(stddev=0.02, seed=seed)
        self.heads = {
            name: (
                keras.Variable(init((hidden, len(head.labels))), name=f"{name}_kernel"),
                keras.Variable(tf.zeros(len(head.labels)), name=f"{name}_bias"),
            )
            for name, head in heads.items()
        }

    def forward(self, ids: Any, training: bool = False) -> dict[str, Any]:
        """Logits of every head and ``embedding`` (batch, hidden) of ids (batch, length), 0 = padding."""
        mask = tf.cast(ids != 0, tf.int32)
        states = self.backbone(
            {"token_ids": ids, "padding_mask": mask, "segment_ids": tf.zeros_like(ids)}, training=training
        )["sequence_output"]
        weight = tf.cast(mask, tf.float32)[:, :, None]
        mean = tf.reduce_sum(states * weight, 1) / tf.reduce_sum(weight, 1)
        fed = tf.nn.dropout(mean, 0.1) if training else mean
        out = {name: tf.matmul(fed, kernel) + bias for name, (kernel, bias) in self.heads.items()}
        out["embedding"] = mean
        return out

    def head_variables(self) -> list[Any]:
        """Kernels and biases of the heads."""
        return [v for pair in self.heads.values() for v in pair]

    def save(self, path: Path) -> None:
        """Write all weights as one ``.npz``, whole or not at all."""
        arrays = {f"b{i}": np.asarray(w) for i, w in enumerate(self.backbone.weights)}
        arrays |= {f"h{i}": np.asarray(w) for i, w in enumerate(self.head_variables())}
        part = path.with_suffix(".part.npz")
        np.savez(part, **arrays)  # type: ignore[arg-type]
        part.replace(path)

    def restore(self, path: Path) -> None:
        """Read weights written by ``save``."""
        with np.load(path) as arrays:
            for i, w in enumerate(self.backbone.weights):
                w.assign(arrays[f"b{i}"])
            for i, w in enumerate(self.head_variables()):
                w.assign(arrays[f"h{i}"])


def fine_tune(
    teacher: Teacher,
    recipe: TeacherRecipe,
    examples: Examples,
    heads: dict[str, Head],
    folder: Path,
    seed: int,
) -> None:
    """Train backbone and heads on hard labels; a checkpoint after each epoch, taken up again if one is there.

    The token table stays frozen: it holds the words that the corpus does not.
    """
    still = ("token_embedding/", "pooled_dense/")  # the pooler has no part in a mean over tokens
    body = [v for v in teacher.backbone.trainable_variables if not v.path.startswith(still)]
    steps = recipe.epochs * (len(examples) // recipe.batch + 1)
    body_optimizer = _adamw(recipe.learning_rate, steps, recipe.weight_decay)
    head_optimizer = _adamw(recipe.head_learning_rate, steps, 0.0)
    body_optimizer.build(body)
    head_optimizer.build(teacher.head_variables())

    @tf.function(reduce_retracing=True, autograph=False)
    def step(ids: Any, labels: dict[str, Any]) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(hard_loss(teacher.forward(ids, training=True), labels, heads))
        variables = [*body, *teacher.head_variables()]
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, [v.value for v in variables]), 1.0)
        body_optimizer.apply(gradients[: len(body)], body)
        head_optimizer.apply(gradients[len(body) :], teacher.head_variables())
        return loss

    done = _last_checkpoint(folder, "teacher-epoch")
    if done:
        teacher.restore(folder / f"teacher-epoch{done}.npz")
        for optimizer in (body_optimizer, head_optimizer):
            optimizer.iterations.assign(done * (len(examples) // recipe.batch + 1))
    for epoch in range(done, recipe.epochs):
        rng = np.random.default_rng((seed, epoch))
        batches = bucketed(examples, recipe.batch, rng)
        with Progress(f"teacher epoch {epoch + 1}/{recipe.epochs}", len(batches)) as bar:
            for rows in batches:
                loss = step(*examples.batch(rows))
                bar.advance(f"loss {float(loss):.3f}")
        teacher.save(folder / f"teacher-epoch{epoch + 1}.npz")
        (folder / f"teacher-epoch{epoch}.npz").unlink(missing_ok=True)


def signals_of(teacher: Teacher, ids: list[list[int]], batch: int = 64) -> dict[str, NDArray[np.float16]]:
    """The teacher's signals for every text: logits by head, and ``embedding``; computed once, kept on disk."""
    order = np.argsort([len(row) for row in ids], kind="stable")
    out: dict[str, NDArray[np.float16]] = {}
    forward = tf.function(teacher.forward, reduce_retracing=True, autograph=False)
    with Progress("teacher signals", len(ids)) as bar:
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            width = -(-max(len(ids[r]) for r in rows) // 8) * 8
            block = np.zeros((len(rows), width), np.int32)
            for k, r in enumerate(rows):
                block[k, : len(ids[r])] = ids[r]
            for name, value in forward(tf.constant(block)).items():
                array = np.asarray(value)
                out.setdefault(name, np.zeros((len(ids), array.shape[1]), np.float16))[rows] = array
            bar.advance(by=len(rows))
    return out


def _adamw(rate: float, steps: int, decay: float) -> Any:
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=rate, warmup_steps=max(1, steps // 10)
    )
    return keras.optimizers.AdamW(schedule, weight_decay=decay)


def _last_checkpoint(folder: Path, stem: str) -> int:
    found = [
        int(p.stem.removeprefix(stem))
        for p in folder.glob(f"{stem}*.npz")
        if p.stem.removeprefix(stem).isdigit()
    ]
    return max(found, default=0)
