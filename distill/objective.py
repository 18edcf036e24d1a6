"""Losses. Shapes: logits (batch, labels); single labels (batch,) int, UNKNOWN = -1; multi (batch, labels)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from edge.language.labels import Head

# Missing a red flag costs more than a false alarm: weights of the classes in the hard loss.
URGENCY_WEIGHTS = (1.0, 1.0, 2.0, 3.0)
LABEL_SMOOTHING = 0.05
CONCERN_WEIGHT = (
    13.0  # times the mean = the sum over the contract's labels, so that a rare concern counts like an intent
)


def hard_loss(logits: Mapping[str, Any], labels: Mapping[str, Any], heads: Mapping[str, Head]) -> Any:
    """Cross-entropy (softmax heads) plus binary cross-entropy (multi-label heads); shape (batch,)."""
    total = 0.0
    for name, head in heads.items():
        if head.multi:
            known = tf.cast(labels[name][:, 0] >= 0, tf.float32)
            loss = tf.nn.sigmoid_cross_entropy_with_logits(tf.maximum(labels[name], 0.0), logits[name])
            total += CONCERN_WEIGHT * known * tf.reduce_mean(loss, 1)
        else:
            count = len(head.labels)
            known = tf.cast(labels[name] >= 0, tf.float32)
            target = tf.one_hot(tf.maximum(labels[name], 0), count)
            smooth = target * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / count
            loss = tf.nn.softmax_cross_entropy_with_logits(smooth, logits[name])
            if name == "urgency" and count == len(URGENCY_WEIGHTS):
                loss *= tf.reduce_sum(target * tf.constant(URGENCY_WEIGHTS), 1)
            total += known * loss
    return total


def soft_loss(
    logits: Mapping[str, Any], teacher: Mapping[str, Any], heads: Mapping[str, Head], temperature: float
) -> Any:
    """Hinton et al. 2015: T^2 KL(teacher/T || student/T); for multi-label heads each label is a pair. (batch,)."""
    total = 0.0
    for name, head in heads.items():
        ours, theirs = logits[name] / temperature, teacher[name] / temperature
        if head.multi:
            target = tf.sigmoid(theirs)
            floor = tf.nn.sigmoid_cross_entropy_with_logits(target, theirs)
            loss = tf.nn.sigmoid_cross_entropy_with_logits(target, ours) - floor
            total += CONCERN_WEIGHT * temperature**2 * tf.reduce_mean(loss, 1)
        else:
            target = tf.nn.softmax(theirs)
            loss = tf.reduce_sum(target * (tf.nn.log_softmax(theirs) - tf.nn.log_softmax(ours)), 1)
            total += temperature**2 * loss
    return total


def embedding_loss(ours: Any, theirs: Any) -> Any:
    """One minus the cosine between student's and teacher's embedding; shape (batch,)."""
    return 1.0 - tf.reduce_sum(tf.math.l2_normalize(ours, 1) * tf.math.l2_normalize(theirs, 1), 1)
