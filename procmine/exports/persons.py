"""Persons: keyed pseudonyms made at the moment of reading, and the scan for CPR numbers.

A pseudonym is written in letters only, so that no run of digits in it can be taken for a
CPR number by anyone who scans what procmine wrote (exports spec, section 5).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from procmine.errors import ExportError, Fault
from procmine.exports.shapes import has_cpr, mask_cpr, plainly
from procmine.tables.digests import in_letters
from procmine.text import t

__all__ = [
    "Key",
    "backup_key",
    "citizen_id",
    "echoed",
    "has_cpr",
    "mask_cpr",
    "normal_cpr",
    "open_key",
    "shown_name",
]

_BETWEEN = re.compile(r"[-\s]")
_WRAPPING = re.compile(r"^(?:=?\"(.*)\"|'(.*))$")
_DOTTED = re.compile(r"^[0-9](?:[-./]?[0-9]){8,9}$", re.ASCII)
_MAGIC = b"procmine-key-1\n"
_KEY_BYTES = 32
_ECHOED = 40
_PSEUDONYM_BYTES = 12


def echoed(value: str) -> str:
    r"""Return a cell's value as a message may say it: masked, printable, 40 letters at most.

    Examples
    --------
    >>> echoed("Team 710190-1234\x1b"), len(echoed("x" * 99))
    ('Team \u2039cpr\u203a?', 40)
    """
    return shown_name(value)[:_ECHOED]


def shown_name(name: str) -> str:
    r"""Return the name of a file as it may be shown and kept.

    What is shaped like a CPR number is masked; letters that cannot be printed, and bytes
    that are no letters, are question marks.

    Examples
    --------
    >>> shown_name("a\x1b\udce6 7101901234.csv")
    'a?? \u2039cpr\u203a.csv'
    """
    return "".join(ch if ch.isprintable() else "?" for ch in mask_cpr(name))


def normal_cpr(text: str) -> str:
    """Return a person's number without hyphen and blanks, a lost leading zero put back.

    Dots or strokes between the digits, and what a workbook puts around a number to keep it
    a text, go too; other digits than ASCII's are the same digits.

    Examples
    --------
    >>> normal_cpr("710190-1234"), normal_cpr("110900000") == "0" + "110900000"
    ('7101901234', True)
    >>> normal_cpr('="710190.1234"'), normal_cpr("'710190 1234")
    ('7101901234', '7101901234')
    """
    text = plainly(text)[0].strip()
    wrapped = _WRAPPING.match(text)
    inner = (wrapped[1] or wrapped[2] or "") if wrapped else text
    plain = _BETWEEN.sub("", inner).upper().removesuffix(".0")
    if not plain.isdigit() and _DOTTED.match(plain):
        plain = "".join(ch for ch in plain if ch.isdigit())
    return f"0{plain}" if len(plain) == 9 and plain.isdigit() else plain


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """The secret behind all pseudonyms of a store; lives in a file outside it.

    Examples
    --------
    >>> key = Key(b"0" * 32)
    >>> key.pseudonym("citizen", "7101901234") == key.pseudonym("citizen", "7101901234")
    True
    >>> key.pseudonym("citizen", "x") == key.pseudonym("staff", "x")
    False
    """

    secret: bytes

    def __repr__(self) -> str:
        """Show the fingerprint, never the secret."""
        return f"Key({self.fingerprint})"

    def pseudonym(self, domain: str, value: str) -> str:
        """Return the pseudonym of `value`: letters only, 96 bits of keyed BLAKE2b."""
        digest = hashlib.blake2b(
            value.encode(), digest_size=_PSEUDONYM_BYTES, key=self.secret,
            person=domain.encode()[:16],
        )  # fmt: skip
        return in_letters(digest.hexdigest())

    @property
    def fingerprint(self) -> str:
        """What tells two keys apart without giving either away."""
        return self.pseudonym("fingerprint", "procmine")[:12]


def open_key(path: Path, *, create: bool = True) -> Key:
    """Read the key file; make it on first use, readable by its owner only.

    Parameters
    ----------
    path
        Where the key lies: outside the store and outside the delivery.
    create
        False for a check alone.

    Raises
    ------
    ExportError
        The file is absent (without `create`), no key, or open to others.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> open_key(folder / "a.key") == open_key(folder / "a.key")
    True
    """
    if not path.exists():
        if not create:
            raise ExportError(t("exports.no_key", path=mask_cpr(str(path))), (Fault("no_key"),))
        _write_key(path)
    raw = path.read_bytes()
    if not raw.startswith(_MAGIC) or len(raw) != len(_MAGIC) + 2 * _KEY_BYTES + 1:
        raise ExportError(t("exports.bad_key", path=mask_cpr(str(path))), (Fault("bad_key"),))
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ExportError(t("exports.open_key", path=mask_cpr(str(path))), (Fault("open_key"),))
    return Key(bytes.fromhex(raw[len(_MAGIC) :].decode().strip()))


def backup_key(path: Path, target: Path) -> Key:
    """Copy the key file to `target`, with the same rights, and read the copy back.

    Raises
    ------
    ExportError
        The key cannot be used, or `target` is there already.
    """
    key = open_key(path, create=False)
    if target.exists():
        raise ExportError(
            t("exports.backup_exists", path=mask_cpr(str(target))), (Fault("backup_exists"),)
        )
    _touch(target)
    shutil.copyfile(path, target)
    return open_key(target, create=False) if key else key


def _write_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _touch(path)
    path.write_bytes(_MAGIC + secrets.token_bytes(_KEY_BYTES).hex().encode() + b"\n")


def _touch(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    if os.name == "nt":  # the access list, since Windows has no owner bits
        import subprocess

        user = os.environ.get("USERNAME", "")
        with contextlib.suppress(OSError):
            subprocess.run(  # noqa: S603 - a fixed command on our own file
                ["icacls", str(path), "/inheritance:r", "/grant:r", f"{user}:F"],  # noqa: S607
                check=False, capture_output=True,
            )  # fmt: skip


def citizen_id(key: Path, cpr: str, citizen_type: str) -> str:
    """Return the id under which a log holds a citizen.

    Parameters
    ----------
    key
        The store's key file.
    cpr
        The person's number as anyone writes it.
    citizen_type
        The log's object type of citizens (its role).

    Raises
    ------
    ExportError
        The key is absent or cannot be used.
    """
    plain = normal_cpr(cpr)
    return f"{citizen_type}:{open_key(key, create=False).pseudonym('citizen', plain)}"
