"""The student: a BERT cut out of its teacher.

The token table is factorised (Lan et al. 2020, ALBERT) by SVD of the teacher's; whole layers are taken over (Sanh et
al. 2019, DistilBERT) and their feed-forward width is cut to the neurons with the largest weights. Post-norm BERT
with the tanh GELU, as the teacher. ``forward`` is a pure function of a dict of weights, so that training runs it over
variables and conversion over constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from distill.recipe import StudentRecipe
from distill.teacher import Teacher
from edge.language.labels import Head
from edge.language.wordpiece import CLS, PAD, SEP, UNK, is_han, words

Weights = dict[str, NDArray[np.float32]]
DROPOUT = 0.1
_EPSILON = 1e-12  # BERT's layer norm


def student_vocabulary(teacher_pieces: list[str], texts: list[str], han: list[str], count: int) -> list[str]:
    """Pieces of the student: specials, the teacher's first ``count`` plain pieces, all that the texts need.

    BERT's vocabulary is ordered by frequency, so its head is what people use. Single characters are kept so that
    any Latin word can be spelled.
    """
    known = set(teacher_pieces)
    used: dict[str, None] = {}
    for text in texts:
        for word in words(text):
            if word in known or (len(word) == 1):
                used[word] = None
    plain = [p for p in teacher_pieces if not p.startswith("[") and p.removeprefix("##").isascii()]
    letters = [p for p in plain if len(p.removeprefix("##")) == 1]
    ordered = dict.fromkeys([PAD, UNK, CLS, SEP, *letters, *plain[:count], *used, *han])
    return list(ordered)


def cut_from(
    teacher: Teacher, recipe: StudentRecipe, pieces: list[str], glosses: Mapping[str, list[str]], seed: int
) -> Weights:
    """Initial weights of the student.

    Args:
        glosses: piece -> English words that say what it means; a piece unknown to the teacher (a Han character)
            starts as the mean of their vectors.
    """
    source = {w.path: np.asarray(w, np.float32) for w in teacher.backbone.weights}
    rng = np.random.default_rng(seed)
    table = _token_rows(teacher, source["token_embedding/embeddings"], pieces, glosses, rng)
    left, sizes, right = np.linalg.svd(table, full_matrices=False)
    rank = recipe.embedding_rank
    root = np.sqrt(sizes[:rank])
    out: Weights = {
        "token": left[:, :rank] * root,
        "lift": root[:, None] * right[:rank],
        "position": source["position_embedding/embeddings"][: max(recipe.lengths)]
        + source["segment_embedding/embeddings"][0],
        "norm_gamma": source["embeddings_layer_norm/gamma"],
        "norm_beta": source["embeddings_layer_norm/beta"],
    }
    for index, layer in enumerate(recipe.layers):
        out |= _layer(source, f"transformer_layer_{layer}", f"l{index}_", recipe.intermediate)
    for name, (kernel, bias) in teacher.heads.items():
        out[f"{name}_kernel"], out[f"{name}_bias"] = np.asarray(kernel), np.asarray(bias)
    return {name: np.ascontiguousarray(value, np.float32) for name, value in out.items()}


def _token_rows(
    teacher: Teacher,
    table: NDArray[np.float32],
    pieces: list[str],
    glosses: Mapping[str, list[str]],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    mean, spread = table.mean(0), table.std()
    rows = np.empty((len(pieces), table.shape[1]), np.float32)
    for i, piece in enumerate(pieces):
        meaning = [t for word in glosses.get(piece, ()) for t in teacher.tokenizer.encode_words(word)]
        if meaning:
            rows[i] = table[meaning].mean(0)
        elif piece in teacher.tokenizer.ids:
            rows[i] = table[teacher.tokenizer.ids[piece]]
        else:
            rows[i] = mean
        if is_han(piece[0]) or piece not in teacher.tokenizer.ids:
            rows[i] += rng.normal(0, 0.3 * spread, table.shape[1])  # keeps characters of one gloss apart
    return rows


def _layer(source: Mapping[str, NDArray[np.float32]], old: str, new: str, width: int) -> Weights:
    att = f"{old}/self_attention_layer"
    hidden = source[f"{old}/feedforward_layer_norm/gamma"].shape[0]
    out: Weights = {}
    for part in ("query", "key", "value"):
        out[f"{new}{part}_kernel"] = source[f"{att}/{part}/kernel"].reshape(hidden, hidden)
        out[f"{new}{part}_bias"] = source[f"{att}/{part}/bias"].reshape(hidden)
    out[f"{new}mix_kernel"] = source[f"{att}/attention_output/kernel"].reshape(hidden, hidden)
    out[f"{new}mix_bias"] = source[f"{att}/attention_output/bias"]
    up, down = (
        source[f"{old}/feedforward_intermediate_dense/kernel"],
        source[f"{old}/feedforward_output_dense/kernel"],
    )
    keep = np.sort(np.argsort(-np.linalg.norm(up, axis=0) * np.linalg.norm(down, axis=1))[:width])
    out[f"{new}up_kernel"] = up[:, keep]
    out[f"{new}up_bias"] = source[f"{old}/feedforward_intermediate_dense/bias"][keep]
    out[f"{new}down_kernel"] = down[keep]
    out[f"{new}down_bias"] = source[f"{old}/feedforward_output_dense/bias"]
    for norm, name in (("self_attention_layer_norm", "att"), ("feedforward_layer_norm", "ffn")):
        out[f"{new}{name}_gamma"] = source[f"{old}/{norm}/gamma"]
        out[f"{new}{name}_beta"] = source[f"{old}/{norm}/beta"]
    return out


def forward(
    w: Mapping[str, Any],
    ids: Any,
    heads: Mapping[str, Head],
    layers: int,
    *,
    attention_heads: int,
    training: bool = False,
) -> dict[str, Any]:
    """Logits of every head and ``embedding`` (batch, hidden) of ids (batch, length), 0 = padding."""
    batch, length = (ids.shape[i] if ids.shape[i] is not None else tf.shape(ids)[i] for i in (0, 1))
    mask = tf.cast(tf.not_equal(ids, 0), tf.float32)
    hidden = w["lift"].shape[1]
    x = tf.matmul(tf.gather(w["token"], tf.reshape(ids, [-1])), w["lift"])
    x = tf.reshape(x, [batch, length, hidden]) + w["position"][None, :length]
    x = tf.reshape(_norm(x, w["norm_gamma"], w["norm_beta"]), [-1, hidden])
    bias = (1.0 - mask[:, None, None, :]) * -1e4
    for i in range(layers):
        p = f"l{i}_"
        mixed = _attend(w, p, x, bias, (batch, length, attention_heads, hidden // attention_heads))
        x = _norm(x + _drop(mixed, training), w[f"{p}att_gamma"], w[f"{p}att_beta"])
        up = tf.nn.gelu(tf.matmul(x, w[f"{p}up_kernel"]) + w[f"{p}up_bias"], approximate=True)
        down = tf.matmul(up, w[f"{p}down_kernel"]) + w[f"{p}down_bias"]
        x = _norm(x + _drop(down, training), w[f"{p}ffn_gamma"], w[f"{p}ffn_beta"])
    states = tf.reshape(x, [batch, length, hidden])
    mean = tf.reduce_sum(states * mask[:, :, None], 1) / tf.reduce_sum(mask, 1, keepdims=True)
    fed = _drop(mean, training)
    out = {name: tf.matmul(fed, w[f"{name}_kernel"]) + w[f"{name}_bias"] for name in heads}
    out["embedding"] = mean
    return out


def _attend(w: Mapping[str, Any], p: str, x: Any, bias: Any, shape: tuple[Any, Any, int, int]) -> Any:
    batch, length, count, width = shape

    def part(name: str) -> Any:
        y = tf.matmul(x, w[f"{p}{name}_kernel"]) + w[f"{p}{name}_bias"]
        return tf.transpose(tf.reshape(y, [batch, length, count, width]), [0, 2, 1, 3])

    scores = tf.matmul(part("query"), part("key"), transpose_b=True) * (width**-0.5) + bias
    seen = tf.matmul(tf.nn.softmax(scores), part("value"))
    seen = tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [-1, count * width])
    return tf.matmul(seen, w[f"{p}mix_kernel"]) + w[f"{p}mix_bias"]


def _norm(x: Any, gamma: Any, beta: Any) -> Any:
    mean = tf.reduce_mean(x, -1, keepdims=True)
    apart = x - mean
    variance = tf.reduce_mean(tf.square(apart), -1, keepdims=True)
    return apart * tf.math.rsqrt(variance + _EPSILON) * gamma + beta


def _drop(x: Any, training: bool) -> Any:
    return tf.nn.dropout(x, DROPOUT) if training else x
