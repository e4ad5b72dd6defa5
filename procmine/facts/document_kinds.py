"""Kinds of documents as ``dokumenttyper.toml`` defines them: validity, exemption, minimum set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procmine.config.load import Config

__all__ = ["DocumentKinds", "Kind", "kind_key"]

_FILE = "dokumenttyper"
# Letters that identifiers spell with two.
_SPELT = str.maketrans({0xE6: "ae", 0xF8: "oe", 0xE5: "aa"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document.

    Attributes
    ----------
    label
        Its name.
    validity_days
        How long it holds where it does not say so itself; None for ever or never asked.
    origin
        Who makes it: external, internal, citizen, as the file says.
    exempt
        Whether it is left out of the judgement (letters, receipts, duty notes).
    steps
        Activities that ask for a document of this kind.
    """

    label: str
    validity_days: int | None = None
    origin: str = ""
    exempt: bool = False
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentKinds:
    """The file's content, looked up by kind without regard to spelling.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> kinds = DocumentKinds.of(load_config())
    >>> kinds.find("lae_265").validity_days, kinds.gate
    (180, 0.8)
    """

    kinds: dict[str, Kind] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    """Further names of a kind (``labels``), by their letters and digits, to its own."""
    gate: float = 0.8
    horizon_days: int = 365
    uses: tuple[str, ...] = ()
    minimums: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, config: Config) -> DocumentKinds:
        """Read the configuration's file of document kinds."""
        raw = config.files.get(_FILE, {})
        coverage = raw.get("coverage", {})
        rows = [
            Kind(
                str(row["label"]),
                row.get("validity_days"),
                str(row.get("origin", "")),
                bool(row.get("exempt", False)),
                tuple(row.get("steps", ())),
            )
            for row in raw.get("kind", [])
        ]
        return cls(
            {kind_key(kind.label): kind for kind in rows},
            {
                kind_key(other): kind_key(str(row["label"]))
                for row in raw.get("kind", [])
                for other in row.get("labels", ())
            },
            float(coverage.get("gate", 0.8)),
            int(coverage.get("horizon_days", 365)),
            tuple(coverage.get("counts_as_use", ())),
            tuple(raw.get("minimum", ())),
        )

    def find(self, kind: str | None) -> Kind:
        """Return the definition of a kind; one without rules where the file lacks it."""
        return self.kinds.get(self.key(kind or ""), Kind(kind or ""))

    def key(self, name: str) -> str:
        """Return the key of a kind, the same for all of its names.

        Examples
        --------
        >>> kinds = DocumentKinds(others={"opinion": "report"})
        >>> kinds.key("Opinion"), kinds.key("Letter")
        ('report', 'letter')
        """
        own = kind_key(name)
        return own if own in self.kinds else self.others.get(own, own)

    def minimum(self, process: str) -> dict[str, int]:
        """Return how many of each kind, by its key, some decision of a process needs."""
        required: dict[str, int] = {}
        for _, key, number in self.minimum_rows(process):
            if number:
                required[key] = max(number, required.get(key, 0))
        return required

    def minimum_rows(self, process: str) -> list[tuple[str | None, str, int]]:
        """Return the minimum sets of a process: deciding activity (None: any), kind, number.

        A set without kinds is one row with the empty kind: the decision needs nothing.

        Examples
        --------
        >>> row = {"process": "p", "decisions": ["granted"], "kinds": {"Form A": 1}}
        >>> DocumentKinds(minimums=(row,)).minimum_rows("p")
        [('granted', 'forma', 1)]
        """
        return [
            (decision, self.key(kind), int(number))
            for row in self.minimums
            if row.get("process") == process
            for decision in row.get("decisions", (None,))
            for kind, number in (row.get("kinds") or {"": 0}).items()
        ]

    def mandatory_steps(self, process: str) -> frozenset[str]:
        """Return the activities that ask for a document the minimum set demands."""
        required = self.minimum(process)
        return frozenset(
            step for key, kind in self.kinds.items() if key in required for step in kind.steps
        )


def kind_key(text: str) -> str:
    """Return the letters and digits of a kind's name, as identifiers spell them.

    Examples
    --------
    >>> kind_key("Status-attest 12"), kind_key("status_attest12")
    ('statusattest12', 'statusattest12')
    """
    plain = text.casefold().translate(_SPELT)
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
