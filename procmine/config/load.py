"""Read a configuration folder; what it lacks comes from the shipped defaults."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from procmine.config.catalogue import Approval, Catalogue, parse_approval, parse_catalogue
from procmine.config.mandates import Mandate, parse_mandates
from procmine.errors import ConfigError, Fault
from procmine.tables.digests import in_letters
from procmine.text import t

__all__ = ["Config", "default_folder", "load_config"]

_CATALOGUES = "catalogues"
_ASIDE = ("mandates.toml",)


@dataclass(frozen=True)
class Config:
    """All definitions that a figure was made with.

    Attributes
    ----------
    catalogues
        The processes, ordered by name; empty for an imported log without a catalogue.
    mandates
        The rule table of handovers.
    files
        Every other file of the folder, parsed, by its name without ending
        (``enhedsarter``, ``kalendere``, ``dokumenttyper``, ``indstillinger`` ...).
    sources
        Text of each file by relative path: what is copied and hashed into a snapshot.

    Examples
    --------
    >>> config = load_config()
    >>> config.setting("min_count"), len(config.digest)
    (5, 64)
    """

    catalogues: tuple[Catalogue, ...]
    mandates: tuple[Mandate, ...]
    mandates_approval: Approval
    files: dict[str, dict[str, Any]]
    sources: dict[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 over all files, in order of their paths, in letters."""
        total = hashlib.sha256()
        for path, text in sorted(self.sources.items()):
            total.update(f"{path}\0{text}\0".encode())
        return in_letters(total.hexdigest())

    def catalogue(self, process: str) -> Catalogue | None:
        """Return the catalogue of a process, or None."""
        return next((c for c in self.catalogues if c.process == process), None)

    def setting(self, name: str) -> Any:
        """Return a value of ``indstillinger.toml``.

        Raises
        ------
        ConfigError
            Where neither the folder nor the defaults have it.
        """
        try:
            return self.files["indstillinger"][name]
        except KeyError:
            fault = Fault("missing_key", "indstillinger.toml", name)
            raise ConfigError(t("config.no_setting", name=name), (fault,)) from None

    def unit_kinds(self) -> dict[str, dict[str, Any]]:
        """Return the known unit kinds: label, and ``hand`` where it is false."""
        kinds: dict[str, dict[str, Any]] = self.files.get("enhedsarter", {}).get("kinds", {})
        return kinds

    def skipped_kinds(self) -> frozenset[str]:
        """Return the kinds that are no hands (citizens, practitioners, systems)."""
        return frozenset(k for k, row in self.unit_kinds().items() if not row.get("hand", True))

    def label(self, event_type: str, process: str = "") -> str:
        """Return the Danish label of an event type, itself where no catalogue has it.

        Processes may call the same type by different names: that of `process` goes first.

        Examples
        --------
        >>> config = load_config()
        >>> config.label("afgoerelse_truffet", "sanktion") == config.label("afgoerelse_truffet")
        False
        """
        for catalogue in sorted(self.catalogues, key=lambda each: each.process != process):
            step = catalogue.step(event_type)
            if step is not None:
                return step.label
        return event_type


def default_folder() -> Path:
    """Return the folder of the shipped, unapproved definitions."""
    return Path(str(resources.files("procmine.config") / "default"))


def load_config(folder: Path | None = None, *, defaults: bool = True) -> Config:
    """Read a configuration folder.

    Parameters
    ----------
    folder
        A municipality's folder, or None for the shipped defaults alone. If it has
        catalogues, they replace the shipped ones; any other file replaces its namesake.
    defaults
        False leaves the shipped catalogues and mandates out (an imported log).

    Raises
    ------
    ConfigError
        A folder that is not there, TOML that cannot be read, or a file with faults.

    Examples
    --------
    >>> load_config(defaults=False).catalogues
    ()
    """
    sources = _texts(default_folder())
    if not defaults:
        sources = {p: s for p, s in sources.items() if not _belongs_to_process(p)}
    if folder is not None:
        if not folder.is_dir():
            raise ConfigError(t("config.no_folder", path=folder), (Fault("no_folder"),))
        own = _texts(folder)
        _check(own)
        if any(path.startswith(_CATALOGUES) for path in own):
            sources = {p: s for p, s in sources.items() if not p.startswith(_CATALOGUES)}
        sources |= own
    return from_sources(sources)


def from_sources(sources: dict[str, str]) -> Config:
    """Build the configuration from file texts by relative path (a snapshot's copy)."""
    parsed = {path: _parse(path, text) for path, text in sources.items()}
    catalogues = tuple(
        parse_catalogue(raw, Path(path))
        for path, raw in sorted(parsed.items())
        if path.startswith(_CATALOGUES)
    )
    rules = parsed.get("mandates.toml", {})
    return Config(
        catalogues=catalogues,
        mandates=parse_mandates(rules, Path("mandates.toml")),
        mandates_approval=parse_approval(rules.get("approval", {})),
        files={
            Path(path).stem: raw
            for path, raw in parsed.items()
            if "/" not in path and path not in _ASIDE
        },
        sources=dict(sorted(sources.items())),
    )


def _check(sources: dict[str, str]) -> None:
    """Raise with every breach of the published schema in a municipality's own files."""
    from procmine.config.check import schema_faults

    faults = schema_faults({path: _parse(path, text) for path, text in sources.items()})
    if faults:
        names = ", ".join(sorted({fault.where for fault in faults}))
        lines = "; ".join(fault.line() for fault in faults)
        raise ConfigError(t("config.bad_file", file=names, faults=lines), tuple(faults))


def _belongs_to_process(path: str) -> bool:
    return path.startswith(_CATALOGUES) or path in _ASIDE


def _texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.toml"))
    }


def _parse(path: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = t("config.bad_toml", file=path, line=str(error))
        raise ConfigError(message, (Fault("bad_toml", path),)) from error
