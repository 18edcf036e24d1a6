"""Writes a bundle: files, manifest with hashes and metrics, golden texts, signature."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.errors import InputError
from edge.language.bundle import FORMAT, sha256, user_trust_file
from edge.language.verbalise import VERSION


def signing_key(path: Path | None = None) -> Ed25519PrivateKey:
    """The key that signs bundles; made on first use, for its owner's eyes only, and trusted on this machine.

    Args:
        path: where it lies; None = beside the list of trusted keys.

    Raises:
        InputError: the file is no Ed25519 key.
    """
    path = path or user_trust_file().with_name("signing.key")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        raw = key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(raw.hex())
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))
    except ValueError as error:
        raise InputError(f"{path} is no Ed25519 key", "Remove it to have a new one made") from error
    _trust(key)
    return key


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half, as the trust list writes it."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()


def _trust(key: Ed25519PrivateKey) -> None:
    path, mine = user_trust_file(), public_hex(key)
    known = path.read_text("ascii").split() if path.is_file() else []
    if mine not in known:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text("\n".join([*known, mine]) + "\n", "ascii")


def write_bundle(
    folder: Path,
    student: bytes,
    vocabulary: list[str],
    labels: str,
    facts: Mapping[str, Any],
    key: Ed25519PrivateKey,
) -> None:
    """Write a complete, signed bundle.

    Args:
        facts: metrics, recipe, tuning, provenance: goes into the manifest as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / "student-int8.tflite").write_bytes(student)
    (folder / "vocabulary.txt").write_text("\n".join(vocabulary), "utf-8")
    (folder / "labels.toml").write_text(labels, "utf-8")
    names = ("student-int8.tflite", "vocabulary.txt", "labels.toml")
    manifest = {
        "format": FORMAT,
        "verbaliser": VERSION,
        "roles": {"student": names[0], "vocabulary": names[1], "labels": names[2]},
        "files": {name: sha256(folder / name) for name in names},
        **facts,
    }
    raw = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True).encode()
    (folder / "manifest.json").write_bytes(raw)
    (folder / "manifest.sig").write_bytes(key.sign(raw))
