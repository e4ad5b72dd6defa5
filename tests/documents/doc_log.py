"""Small logs with documents: the toy of the fact tables, and what a document list adds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from procmine.config.worktime import WorkTime
from procmine.facts.document_source import prepare_documents
from procmine.facts.documents import document_table
from procmine.facts.lifelines import plan
from procmine.facts.run import chunk_facts
from tests.facts.toy import ROLES, Ev, Toy, config_with

DOC_ROLES = replace(
    ROLES,
    document_kind="dokumenttype",
    document_direction="retning",
    document_hash="indholdshash",
    document_valid_to="gyldig_til",
    document_reason="fornyelsesgrund",
    creates="opretter",
    registers="registrerer",
)
KINDS = """
[coverage]
gate = 0.80
horizon_days = 365
counts_as_use = ["anvender"]

[[kind]]
label = "LÆ 265"
validity_days = 180

[[kind]]
label = "Statusattest"
validity_days = 180

[[kind]]
label = "Notat"

[[kind]]
label = "Plan"

[[kind]]
label = "Brev"
exempt = true

[[minimum]]
process = "sanktion"
kinds = { "LÆ 265" = 1, "Plan" = 1 }
"""


@dataclass
class Doc:
    """A document; `on` are the objects it is filed on."""

    id: str
    kind: str = "Notat"
    received: datetime | date | None = None
    requested: datetime | date | None = None
    on: str = "C1 S1"
    hash: str = ""
    used_by: str = ""
    reason: str | None = ""
    valid_to: str | None = None


@dataclass
class DocLog:
    """Steps and documents of a sanction process."""

    events: list[Ev]
    docs: list[Doc]
    folders: dict[str, str] = field(default_factory=lambda: {"C1": "S1"})
    citizens: dict[str, str] = field(default_factory=lambda: {"S1": "P1"})
    kinds: str = KINDS
    reasons: bool = True
    options: dict[str, Any] = field(default_factory=dict)

    def toy(self) -> Toy:
        """Return the log as a toy of the fact tables."""
        events = list(self.events)
        o2o = [(case, folder, "del_af") for case, folder in self.folders.items()]
        o2o += [(folder, citizen, "tilhoerer") for folder, citizen in self.citizens.items()]
        objects: list[tuple[str, str, dict[str, object]]] = []
        objects += [(folder, "sag", {}) for folder in set(self.folders.values())]
        objects += [(citizen, "borger", {}) for citizen in set(self.citizens.values())]
        for doc in self.docs:
            values: dict[str, object] = {"dokumenttype": doc.kind, "indholdshash": doc.hash or None,
                                         "gyldig_til": doc.valid_to, "retning": "ind"}  # fmt: skip
            if self.reasons:
                values["fornyelsesgrund"] = doc.reason
            objects.append((doc.id, "dokument", values))
            o2o += [(doc.id, target, "journaliseret_paa") for target in doc.on.split()]
            if doc.requested is not None:
                events.append(_touch(doc, "dokument_anmodet", "anmoder", doc.requested))
            if doc.received is not None:
                events.append(_touch(doc, "dokument_modtaget", "modtager", doc.received))
        for number, event in enumerate(events):
            used = [d.id for d in self.docs if event.id and event.id in d.used_by.split()]
            links = tuple(("anvender", name) for name in used)
            events[number] = replace(event, objects=event.objects + links)
        config = config_with({"dokumenttyper.toml": self.kinds})
        return Toy(events, objects=objects, o2o=o2o, roles=DOC_ROLES, config=config, **self.options)

    def table(self) -> pd.DataFrame:
        """Judge the documents."""
        documents, _ = self.judged()
        return documents

    def judged(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return documents by id, and coverage."""
        return judged_toy(self.toy())


def judged_toy(toy: Toy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the documents of a toy by id, and coverage."""
    source, process = toy.source(), toy.the_process()
    (chunk,) = plan(source, process)
    facts = chunk_facts(chunk, WorkTime.from_config(toy.config))
    prepare_documents(source)
    documents, rates = document_table(source, process, facts.steps, facts.cases)
    return documents.to_pandas().set_index("document_id"), rates.to_pandas()


def _touch(doc: Doc, activity: str, qualifier: str, time: datetime | date) -> Ev:
    return Ev(activity, time=time, case="", id=f"{activity}-{doc.id}",
              objects=((qualifier, doc.id),))  # fmt: skip
