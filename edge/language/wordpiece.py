"""WordPiece as BERT's uncased models use it, without a dependency.

Follows Devlin et al. 2019 (basic tokenizer, then greedy longest match): clean, split Han characters, lower
case, strip accents, split punctuation. ``##`` marks a piece inside a word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

PAD, UNK, CLS, SEP = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
MAX_CHARS_PER_WORD = 100  # the reference's bound: longer runs become one [UNK]

# Unified ideographs, extensions and compatibility blocks, as in the reference tokenizer.
_HAN_BLOCKS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
_ASCII_PUNCTUATION = ((33, 47), (58, 64), (91, 96), (123, 126))


def is_han(char: str) -> bool:
    """True for one Han character."""
    code = ord(char)
    return any(low <= code <= high for low, high in _HAN_BLOCKS)


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    """One of: drop, space, split (stands alone), keep."""
    code = ord(char)
    category = unicodedata.category(char)
    if char in "\t\n\r" or category == "Zs":
        return "space"
    if code in (0, 0xFFFD) or category.startswith("C"):
        return "drop"
    ascii_mark = any(low <= code <= high for low, high in _ASCII_PUNCTUATION)
    if ascii_mark or category.startswith("P") or is_han(char):
        return "split"
    return "keep"


def words(text: str) -> list[str]:
    """Split a text into lower-case words and single marks."""
    cleaned = "".join(
        " " if kind == "space" else f" {char} " if is_han(char) else char
        for char in unicodedata.normalize("NFC", text)
        if (kind := _kind(char)) != "drop"
    )
    out: list[str] = []
    for run in cleaned.split():
        plain = unicodedata.normalize("NFD", run.lower())
        current = ""
        for char in plain:
            if unicodedata.category(char) == "Mn":
                continue  # the accent of an accented letter
            if _kind(char) == "split":
                if current:
                    out.append(current)
                    current = ""
                out.append(char)
            else:
                current += char
        if current:
            out.append(current)
    return out


class WordPiece:
    """A vocabulary and the greedy longest-match search over it.

    Args:
        vocabulary: one piece a line; position = id. Must hold [PAD], [UNK], [CLS], [SEP].
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self.pieces: tuple[str, ...] = tuple(vocabulary)
        self.ids = {piece: i for i, piece in enumerate(self.pieces)}
        missing = [p for p in (PAD, UNK, CLS, SEP) if p not in self.ids]
        if missing:
            raise ValueError(f"the vocabulary lacks {', '.join(missing)}")
        self._cached = lru_cache(maxsize=8192)(self._search)

    def encode_words(self, text: str) -> list[int]:
        """Ids of a text, without [CLS] and [SEP]."""
        out: list[int] = []
        for word in words(text):
            out.extend(self._cached(word))
        return out

    def encode(self, text: str, max_length: int) -> tuple[list[int], bool]:
        """Ids with [CLS] and [SEP], and whether the middle had to be left out.

        Of a text that is too long both ends are kept: people put the symptom first or the question last.
        """
        ids = self.encode_words(text)
        room = max_length - 2
        cut = len(ids) > room
        if cut:
            head = room // 2
            ids = [*ids[:head], *ids[-(room - head) :]]
        return [self.ids[CLS], *ids, self.ids[SEP]], cut

    def decode(self, ids: Sequence[int]) -> list[str]:
        """The pieces of some ids."""
        return [self.pieces[i] for i in ids]

    def _search(self, word: str) -> tuple[int, ...]:
        if len(word) > MAX_CHARS_PER_WORD:
            return (self.ids[UNK],)
        out: list[int] = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(len(word), start, -1):
                found = self.ids.get(prefix + word[start:end])
                if found is not None:
                    out.append(found)
                    start = end
                    break
            else:
                return (self.ids[UNK],)
        return tuple(out)
