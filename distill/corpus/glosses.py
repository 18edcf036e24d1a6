"""What a Han character means, in English words: where its vector starts before it is trained."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "han_glosses.tsv"


@cache
def glosses() -> dict[str, list[str]]:
    """Character -> one to four English words, commonest character first."""
    if not _FILE.exists():
        return {}
    rows = (line.split("\t") for line in _FILE.read_text("utf-8").splitlines() if "\t" in line)
    return {char: meaning.split() for char, meaning in rows if len(char) == 1}
