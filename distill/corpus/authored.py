"""The authored corpus: sentences written one by one, each with its Chinese twin and its labels.

One JSON-lines file an author, under ``authored/``. A file that begins with ``t`` is a held-out test author and is
never trained on; one that begins with ``v`` serves for choosing (early stopping, thresholds).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.errors import InputError
from edge.language.labels import contract

FOLDER = Path(__file__).parent / "authored"
KEYS = ("en", "zh", "intent", "concern", "urgency", "exertion", "trap")


@dataclass(frozen=True, slots=True)
class Twin:
    """One authored sentence in both languages.

    Attributes:
        author: stem of the file it came from.
        en: the English wording. zh: the Chinese wording.
        intent, concern, urgency, exertion: labels of the contract.
        trap: what makes it hard (``negation``, ``hearsay``, ...), or None.
    """

    author: str
    en: str
    zh: str
    intent: str
    concern: tuple[str, ...]
    urgency: str
    exertion: str
    trap: str | None

    @property
    def split(self) -> str:
        """``train``, ``val`` or ``test``, by author."""
        return {"t": "test", "v": "val"}.get(self.author[0], "train")


def load(folder: Path = FOLDER) -> list[Twin]:
    """All twins, in the order of file and line.

    Raises:
        InputError: a broken line, a missing key or an unknown label; names file and line.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise InputError(f"no corpus in {folder}", "Put authored/*.jsonl there")
    return [twin for path in paths for twin in _load_file(path)]


def _load_file(path: Path) -> Iterator[Twin]:
    heads = contract()
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path.name} line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{where} is not JSON: {error.msg}", "Mend or remove the line") from error
        missing = [key for key in KEYS if key not in row]
        if missing:
            raise InputError(f"{where} lacks {missing[0]!r}", f"Each line has {', '.join(KEYS)}")
        for head, names in (
            ("intent", [row["intent"]]),
            ("concern", row["concern"]),
            ("urgency", [row["urgency"]]),
            ("exertion", [row["exertion"]]),
        ):
            unknown = set(names) - set(heads[head].labels)
            if unknown:
                raise InputError(
                    f"{where}: unknown {head} {sorted(unknown)[0]!r}", "Use the contract's names"
                )
        yield Twin(
            path.stem,
            row["en"],
            row["zh"],
            row["intent"],
            tuple(row["concern"]),
            row["urgency"],
            row["exertion"],
            row["trap"],
        )
