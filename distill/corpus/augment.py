"""Changes to a sentence that real hands and real microphones make."""

from __future__ import annotations

import re

import numpy as np

_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip  # keys beside each other on a QWERTY keyboard
# Characters often swapped by pinyin input or speech recognition: same sound, other sign.
_SAME_SOUND = dict(
    zip("的得在再做作他她吗嘛那哪像象以已练炼有又", "得的再在作做她他嘛吗哪那象像已以炼练又有", strict=True)
)


def noisy_english(rng: np.random.Generator, text: str) -> str:
    """Typos, lost marks, case: what a thumb on a treadmill does. Keeps the meaning."""
    if rng.random() < 0.5:
        text = re.sub(r"[.,!?;:'’\"]", "", text)
    style = rng.random()
    text = text.lower() if style < 0.6 else text.upper() if style < 0.65 else text
    out = []
    for word in text.split():
        roll = rng.random()
        at = int(rng.integers(0, max(1, len(word) - 1)))
        if len(word) < 4 or roll > 0.12:
            out.append(word)
        elif roll < 0.04:
            out.append(word[:at] + word[at + 1 :])
        elif roll < 0.08:
            out.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
        else:
            options = _NEIGHBOURS.get(word[at].lower(), word[at])
            out.append(word[:at] + options[int(rng.integers(len(options)))] + word[at + 1 :])
    return " ".join(out)


def noisy_chinese(rng: np.random.Generator, text: str) -> str:
    """Lost marks, same-sound characters, a dropped or doubled character. Keeps the meaning."""
    if rng.random() < 0.5:
        text = re.sub(r"[，。！？、；：,.!?~…]", "" if rng.random() < 0.6 else " ", text)
    out = []
    for char in text:
        roll = rng.random()
        if roll < 0.3 and char in _SAME_SOUND:
            out.append(_SAME_SOUND[char])
        elif roll > 0.985:
            continue
        else:
            out.append(char)
    return "".join(out)


def substituted(
    rng: np.random.Generator, text: str, neighbours: dict[str, list[str]], share: float = 0.25
) -> str:
    """Some words replaced by words near them in the teacher's token space (Jiao et al. 2020, TinyBERT).

    The meaning may move: the label is whatever the teacher says of the new text.
    """
    out = []
    for word in text.split():
        near = neighbours.get(word.lower().strip(".,!?"))
        out.append(near[int(rng.integers(len(near)))] if near and rng.random() < share else word)
    return " ".join(out)
