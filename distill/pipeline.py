"""The whole road in order: corpus -> teacher -> signals -> student -> TFLite -> table -> bundle.

Every step keeps its result in the work folder, whose name is made of the recipe, the corpus and the code, and is
passed over when it is there: an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from distill import pool as pools
from distill.batches import Examples, label_arrays
from distill.corpus.authored import Twin, load
from distill.corpus.glosses import glosses
from distill.evaluate import Scores, majority, score, table
from distill.package import signing_key, write_bundle
from distill.quantize import agreement, convert
from distill.recipe import Recipe
from distill.student import Weights, cut_from, student_vocabulary
from distill.teacher import Teacher, fine_tune, signals_of
from distill.train import distil, without_hard_labels
from edge.errors import PulsewiseError
from edge.language.interpreter import Student
from edge.language.labels import contract
from edge.language.reader import Reader
from edge.language.verbalise import VERSION
from edge.language.wordpiece import WordPiece
from edge.reading import Reading

log = logging.getLogger("pulsewise.distill")
_CODE = ("batches", "objective", "pool", "student", "teacher", "train", "corpus/augment", "corpus/people")
MAX_DIFFERENCE = 5e-3  # fp32 file against the weights it was made from, largest logit
NEIGHBOURS = 6  # words that may stand in for a word in augmentation


class Run:
    """One run of a recipe.

    Args:
        recipe: every choice. work: folder for what the steps keep. corpus: the twins; None = the shipped ones.
    """

    def __init__(self, recipe: Recipe, work: Path, corpus: list[Twin] | None = None) -> None:
        self.recipe = recipe
        self.heads = dict(contract())
        self.twins = corpus if corpus is not None else load()
        self.train = [t for t in self.twins if t.split == "train"]
        limit = recipe.teacher.max_examples
        if limit:
            self.train = self.train[:: max(1, len(self.train) // limit)][:limit]
        self.test = [t for t in self.twins if t.split == "test"]
        self.folder = work / f"{recipe.name}-{self._key()}"
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = self.folder / "seconds.json"
        self.seconds: dict[str, float] = json.loads(kept.read_text()) if kept.exists() else {}

    def _key(self) -> str:
        digest = hashlib.sha256(json.dumps([asdict(self.recipe), VERSION], sort_keys=True).encode())
        digest.update(json.dumps([asdict(t) for t in self.twins]).encode())
        for name in _CODE:
            digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
        return digest.hexdigest()[:12]

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        """Adds the time of a step to the record, also when it is interrupted."""
        log.info("step %s", step)
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[step] = round(self.seconds.get(step, 0.0) + time.monotonic() - start, 1)
            (self.folder / "seconds.json").write_text(json.dumps(self.seconds))

    def execute(self, out: Path) -> dict[str, Scores]:
        """Run every step that is not yet done and write the bundle to ``out``; returns the table's rows."""
        log.info(
            "work folder %s: %d training twins, %d held out", self.folder, len(self.train), len(self.test)
        )
        teacher = self._teacher()
        pool, neighbours_pool_signals = self._signals(teacher)
        pieces = self._vocabulary(teacher)
        weights = self._student(teacher, pool, neighbours_pool_signals, pieces)
        attention_heads = int(teacher.backbone.num_heads)
        fp32, int8 = self._convert(weights, pieces, attention_heads)
        rows = self._evaluate(teacher, pieces, fp32, int8)
        self._package(out, int8, pieces, rows)
        return rows

    def _teacher(self) -> Teacher:
        teacher = Teacher(self.recipe.teacher, self.heads, self.recipe.seed)
        done = self.folder / "teacher.npz"
        if done.exists():
            teacher.restore(done)
            return teacher
        with self._timed("teacher"):
            rng = np.random.default_rng((self.recipe.seed, 0))
            texts, owners, states = pools.supervised(self.train, rng)
            ids = [teacher.tokenizer.encode(t, max(self.recipe.student.lengths))[0] for t in texts]
            examples = Examples(ids, label_arrays(owners, states, self.heads))
            fine_tune(teacher, self.recipe.teacher, examples, self.heads, self.folder, self.recipe.seed)
            teacher.save(done)
        return teacher

    def _signals(self, teacher: Teacher) -> tuple[pools.Pool, dict[str, NDArray[np.float16]]]:
        rng = np.random.default_rng((self.recipe.seed, 2))
        pool = pools.build(self.train, self.recipe.student.copies, word_neighbours(teacher, self.train), rng)
        done = self.folder / "signals.npz"
        if not done.exists():
            with self._timed("signals"):
                length = max(self.recipe.student.lengths)
                ids = [teacher.tokenizer.encode(t, length)[0] for t in pool.teacher_texts]
                part = self.folder / "signals.part.npz"
                np.savez(part, **signals_of(teacher, ids))  # type: ignore[arg-type]
                part.replace(done)
        with np.load(done) as saved:
            return pool, {name: saved[name] for name in saved.files}

    def _vocabulary(self, teacher: Teacher) -> list[str]:
        texts = [text for t in self.train for text in (t.en, t.zh)]
        return student_vocabulary(
            list(teacher.tokenizer.pieces), texts, list(glosses()), self.recipe.student.pieces
        )

    def _student(
        self, teacher: Teacher, pool: pools.Pool, signals: dict[str, NDArray[np.float16]], pieces: list[str]
    ) -> Weights:
        done = self.folder / "student.npz"
        if not done.exists():
            with self._timed("student"):
                tokenizer = WordPiece(pieces)
                length = max(self.recipe.student.lengths)
                owners = [self.train[max(i, 0)] for i in pool.twin]
                labels = label_arrays(owners, pool.state, self.heads)
                labels = without_hard_labels(labels, np.asarray(pool.twin) < 0)
                weights = distil(
                    cut_from(teacher, self.recipe.student, pieces, glosses(), self.recipe.seed),
                    self.recipe.student,
                    Examples([tokenizer.encode(t, length)[0] for t in pool.texts], labels),
                    np.asarray(pool.target),
                    signals,
                    self.heads,
                    int(teacher.backbone.num_heads),
                    self.folder,
                    self.recipe.seed,
                )
                part = self.folder / "student-done.part.npz"
                np.savez(part, **weights)  # type: ignore[arg-type]
                part.replace(done)
        with np.load(done) as saved:
            return {name: saved[name] for name in saved.files}

    def _convert(self, weights: Weights, pieces: list[str], attention_heads: int) -> tuple[Path, Path]:
        shape = (len(self.recipe.student.layers), attention_heads)
        paths = (self.folder / "student-fp32.tflite", self.folder / "student-int8.tflite")
        if not all(p.exists() for p in paths):
            with self._timed("convert"):
                for path, int8 in zip(paths, (False, True), strict=True):
                    part = path.with_suffix(".part")
                    part.write_bytes(convert(weights, self.heads, *shape, self.recipe.student.lengths, int8))
                    part.replace(path)
        tokenizer = WordPiece(pieces)
        probes = [tokenizer.encode(t.en, max(self.recipe.student.lengths))[0] for t in self.train[:8]]
        worst = agreement(paths[0], weights, self.heads, *shape, probes)
        if worst > MAX_DIFFERENCE:
            raise PulsewiseError(
                f"the converted student differs from its weights by {worst:.4f}",
                "Remove the work folder and run again",
            )
        log.info("fp32 file against its weights: largest logit difference %.5f", worst)
        return paths

    def _evaluate(self, teacher: Teacher, pieces: list[str], fp32: Path, int8: Path) -> dict[str, Scores]:
        rows: dict[str, Scores] = {}
        if not self.test:
            return rows
        rows["teacher, English"] = score(
            self.test, teacher_readings(teacher, [t.en for t in self.test], self.heads)
        )
        for form, path in (("student fp32", fp32), ("student int8", int8)):
            reader = Reader(Student(path), WordPiece(pieces), self.heads, {})
            for name, texts in (
                ("English", [t.en for t in self.test]),
                ("Chinese", [t.zh for t in self.test]),
            ):
                rows[f"{form}, {name}"] = score(self.test, [reader.read(text) for text in texts])
        traps = [t for t in self.test if t.trap]
        reader = Reader(Student(int8), WordPiece(pieces), self.heads, {})
        rows["student int8, traps, English"] = score(traps, [reader.read(t.en) for t in traps])
        rows["student int8, traps, Chinese"] = score(traps, [reader.read(t.zh) for t in traps])
        rows["majority"] = score(self.test, [majority(self.train)(t.en) for t in self.test])
        (self.folder / "metrics.json").write_text(
            json.dumps({k: asdict(v) for k, v in rows.items()}, indent=1)
        )
        log.info("\n%s", table(rows))
        return rows

    def _package(self, out: Path, int8: Path, pieces: list[str], rows: dict[str, Scores]) -> None:
        golden = golden_texts(Reader(Student(int8), WordPiece(pieces), self.heads, {}))
        corpus = hashlib.sha256(json.dumps([asdict(t) for t in self.twins]).encode()).hexdigest()
        facts: dict[str, Any] = {
            "version": "1.0.0",
            "minimum_agent": "0.1.0",
            "recipe": asdict(self.recipe),
            "corpus_sha256": corpus,
            "seconds": self.seconds,
            "metrics": {name: asdict(scores) for name, scores in rows.items()},
            "golden": golden,
            "tuning": {"concern_threshold": 0.5},
        }
        labels = files("edge.language").joinpath("labels.toml").read_text("utf-8")
        write_bundle(out, int8.read_bytes(), pieces, labels, facts, signing_key())


def golden_texts(reader: Reader) -> list[dict[str, Any]]:
    """Texts with what the student says of them, for the self-test on another device."""
    texts = ("How hard am I working?", "今天还能再来一组吗", "I nearly passed out on the stairs", "")
    return [
        {
            "text": t,
            "p": {h: round(max(p.values()), 3) for h, p in reader.read(t).p.items()},
            "tolerance": 0.1,
        }
        for t in texts
    ]


def teacher_readings(teacher: Teacher, texts: Sequence[str], heads: dict[str, Any]) -> list[Reading]:
    """The teacher's readings, decoded as the student's are."""
    raw = signals_of(teacher, [teacher.tokenizer.encode(t, 128)[0] for t in texts])
    decoder = Reader.decode
    return [
        Reading(
            p={
                n: dict(zip(h.labels, decoder(h, raw[n][i].astype(np.float32)), strict=True))
                for n, h in heads.items()
            },
            embedding=raw["embedding"][i].astype(np.float32),
        )
        for i in range(len(texts))
    ]


def word_neighbours(teacher: Teacher, twins: list[Twin]) -> dict[str, list[str]]:
    """For each whole word of the corpus the words nearest to it in the teacher's token space (cosine > 0.45)."""
    tokens = teacher.tokenizer
    rows = np.asarray(teacher.backbone.get_layer("token_embedding").embeddings, np.float32)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    whole = [i for i, p in enumerate(tokens.pieces[:15000]) if p.isalpha() and p.isascii() and len(p) > 2]
    used = {w.strip(".,!?") for t in twins for w in t.en.lower().split()}
    wanted = [i for i in whole if tokens.pieces[i] in used]
    if not wanted:
        return {}
    near = rows[wanted] @ rows[whole].T
    out: dict[str, list[str]] = {}
    for i, line in zip(wanted, near, strict=True):
        best = np.argsort(-line)[1 : NEIGHBOURS + 1]
        words = [tokens.pieces[whole[b]] for b in best if line[b] > 0.45]
        if words:
            out[tokens.pieces[i]] = words
    return out
