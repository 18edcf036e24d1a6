"""The bundle: student, vocabulary, labels and manifest in one folder, hashed and signed.

``manifest.json`` names every file with its sha256; ``manifest.sig`` is an Ed25519 signature (RFC 8032) of the
manifest's bytes. Nothing in the folder is believed before both are checked.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from edge.errors import BundleError

FORMAT = 1
MAX_BUNDLE_BYTES = 64 * 2**20  # far above any student for a Pi; keeps a forged bundle from filling memory
AGAIN = "Install the bundle again, or pass --bundle DIR with a sound one"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle.

    Attributes:
        folder: where it lies.
        manifest: its manifest, as signed.
    """

    folder: Path
    manifest: dict[str, Any]

    def file(self, role: str) -> Path:
        """Path of the file with a role: ``student``, ``vocabulary`` or ``labels``."""
        try:
            return self.folder / str(self.manifest["roles"][role])
        except KeyError as error:
            raise BundleError(f"the bundle at {self.folder} has no {role}", AGAIN) from error


def shipped() -> Path:
    """The bundle that came with the package."""
    return Path(str(files("edge").joinpath("bundles/default")))


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def user_trust_file() -> Path:
    """Where a person adds public keys they trust besides the shipped one: hex, one a line."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    return Path(base) / "pulsewise" / "trusted_keys"


@cache
def _shipped_keys() -> tuple[str, ...]:
    return tuple(files("edge").joinpath("bundles/trusted_keys").read_text("ascii").split())


def trusted_keys() -> tuple[str, ...]:
    """Hex Ed25519 public keys whose bundles are believed."""
    extra = user_trust_file()
    own = extra.read_text("ascii").split() if extra.is_file() else []
    return (*_shipped_keys(), *own)


def open_bundle(folder: Path) -> Bundle:
    """Verify a bundle's signature and every hash.

    Raises:
        BundleError: missing, unsigned, signed by a stranger, or any byte changed; names the file.
    """
    try:
        raw = (folder / "manifest.json").read_bytes()
        signature = (folder / "manifest.sig").read_bytes()
    except OSError as error:
        raise BundleError(f"no bundle at {folder} ({error.strerror})", AGAIN) from error
    _check_signature(folder, raw, signature)
    manifest = json.loads(raw)
    if manifest.get("format") != FORMAT:
        raise BundleError(f"the bundle at {folder} has format {manifest.get('format')!r}", "Update pulsewise")
    for name, digest in manifest["files"].items():
        _check_file(folder, name, digest)
    return Bundle(folder, manifest)


def _check_file(folder: Path, name: str, digest: str) -> None:
    path = folder / name
    if Path(name).name != name or path.is_symlink():
        raise BundleError(f"the bundle names a file outside itself: {name!r:.80}", "Do not use this bundle")
    try:
        if path.stat().st_size > MAX_BUNDLE_BYTES:
            raise BundleError(f"{name} in {folder} is too large", "Do not use this bundle")
        sound = sha256(path) == digest
    except OSError as error:
        raise BundleError(f"{name} is missing from the bundle at {folder}", AGAIN) from error
    if not sound:
        raise BundleError(f"{name} in the bundle at {folder} is not what was signed (sha256 differs)", AGAIN)


def _check_signature(folder: Path, message: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for key in trusted_keys():
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, message)
        except (InvalidSignature, ValueError):
            continue
        return
    raise BundleError(
        f"the bundle at {folder} is not signed by a trusted key, or its manifest was changed",
        f"{AGAIN}. To trust your own key add its public half to {user_trust_file()}",
    )
