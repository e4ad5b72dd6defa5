"""Detectors against planted truth: precision, recall, hours per cause, confusion of grades.

The only module that reads the truth files of a simulated delivery (``docs/sandhed.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from procmine.errors import Fault, UsageError
from procmine.facts.busy import persons_approved
from procmine.facts.entered_twice import entered_twice
from procmine.text import t

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.store.snapshot import Snapshot

__all__ = ["Evaluation", "evaluate", "scores"]

_NO_GRADE = "(none)"
_HOUR_US = 3_600_000_000
_MINUTES = 60
_DIGITS = 6
_FLAGGED = ("duplicate", "renewed", "after_decision", "unused")
"""Statuses of documents that no decoy may have."""


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Parameters
    ----------
    table
        One row a process, measure and key: ``process, measure, key, truth, found, right,
        precision, recall, f1, hour_error``. For waits, ``truth``, ``found`` and ``right``
        are hours; ``hour_error`` is the absolute difference over the planted hours. For
        decoys, ``found`` and ``right`` are those that were not flagged. Entries of facts
        belong to no process: theirs is empty.
    confusion
        One row a process, planted grade and found grade, with ``n``.
    wrong
        Number of rows of the table that score below 1.
    """

    table: pd.DataFrame
    confusion: pd.DataFrame
    wrong: int


def evaluate(snapshot: Snapshot, truth: Path) -> Evaluation:
    """Score the fact tables of `snapshot` against the truth files in folder `truth`.

    Raises
    ------
    UsageError
        The folder lacks a truth file.

    References
    ----------
    Spec methods.md, section 6.
    """
    planted = {name: _read(truth, name) for name in ("cases", "handovers", "waits", "documents")}
    plants, busy = _read(truth, "plants"), None
    if persons_approved(snapshot.config):
        busy = _read(truth, "busy")
    rows: list[pd.DataFrame] = []
    confusions: list[pd.DataFrame] = []
    for process in snapshot.processes:
        mine = {name: frame[frame["process"] == process.name] for name, frame in planted.items()}
        if mine["cases"].empty:
            continue
        found = {name: _found(snapshot, process.name, name) for name in planted}
        waits = _in_case(found["waits"], found["cases"])
        parts = [
            _cases(mine["cases"], found["cases"]),
            _handovers(mine["handovers"], found["handovers"]),
            _waits(mine["waits"] if busy is None else _carved(mine["waits"], busy), waits),
            _documents(mine["documents"], found["documents"]),
            _decoys(mine, found, plants[plants["process"] == process.name]),
            _requests(snapshot, process.name, plants),
        ]
        parts += [_business(mine["waits"], waits)] if busy is None else []
        rows.append(pd.concat(parts).assign(process=process.name))
        confusions.append(
            _confusion(mine["handovers"], found["handovers"]).assign(process=process.name)
        )
    rows.append(_entries(snapshot, plants).assign(process=""))
    table = pd.concat(rows, ignore_index=True)
    table = table[["process", *[name for name in table.columns if name != "process"]]]
    below = (table["precision"] < 1) | (table["recall"] < 1)
    return Evaluation(table, pd.concat(confusions, ignore_index=True), int(below.sum()))


def scores(measure: str, truth: pd.Series, found: pd.Series) -> pd.DataFrame:
    """Score labels by exact match of their keys.

    Parameters
    ----------
    measure
        Name of what is scored.
    truth, found
        Label by key (the index); a key may be on one side only.

    Returns
    -------
    DataFrame, one row a label
        ``measure, key, truth, found, right, precision, recall, f1``: counts, and shares
        (1 where nothing was planted and nothing found).

    Examples
    --------
    >>> planted = pd.Series({"a": "G1", "b": "G1", "c": "G5"})
    >>> seen = pd.Series({"a": "G1", "b": "G5", "c": "G5"})
    >>> scores("grade", planted, seen)[["key", "precision", "recall"]].to_numpy().tolist()
    [['G1', 1.0, 0.5], ['G5', 0.5, 1.0]]
    """
    both = pd.concat({"truth": truth, "found": found}, axis=1).astype("object")
    both = both.where(both.notna(), _NO_GRADE)
    labels = sorted(set(both["truth"]) | set(both["found"]))
    rows = []
    for label in labels:
        planted = both["truth"] == label
        seen = both["found"] == label
        right = int((planted & seen).sum())
        rows.append(_row(measure, label, int(planted.sum()), int(seen.sum()), right))
    return pd.DataFrame(rows)


def _row(measure: str, key: str, truth: float, found: float, right: float) -> dict[str, object]:
    precision = right / found if found else 1.0
    recall = right / truth if truth else 1.0
    total = precision + recall
    return {
        "measure": measure,
        "key": key,
        "truth": truth,
        "found": found,
        "right": right,
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / total if total else 0.0,
    }


def _read(folder: Path, name: str) -> pd.DataFrame:
    file = folder / f"{name}.csv"
    if not file.is_file():
        raise UsageError(t("evaluate.no_truth", file=file.name), (Fault("no_file", file.name),))
    return pd.read_csv(file, dtype="str", keep_default_na=False)


def _found(snapshot: Snapshot, process: str, kind: str) -> pd.DataFrame:
    frame: pd.DataFrame = snapshot.facts(process, kind).to_pandas()
    return frame


def _cases(truth: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    planted = truth.set_index("case_id")
    seen = found.set_index("case_id")
    parts = []
    for name in ("start", "end"):
        there, here = _instants(planted[name]), _instants(seen[name])
        same = there.eq(here.reindex(there.index)) | (
            there.isna() & here.reindex(there.index).isna()
        )
        parts.append(_row("case", name, len(there), len(here), int(same.sum())))
    opened = planted["open"].eq("true")
    same = opened.eq(seen["open"].reindex(opened.index).astype("boolean").fillna(value=False))
    parts.append(_row("case", "open", len(opened), len(seen), int(same.sum())))
    outcome = seen["outcome"].astype("object").reindex(planted.index)
    same = planted["outcome"].eq(outcome.where(outcome.notna(), ""))
    parts.append(_row("case", "outcome", len(planted), len(seen), int(same.sum())))
    return pd.DataFrame(parts)


def _handovers(truth: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    planted, seen = _keyed(truth), _keyed(found)
    grade = scores("handover_grade", _filled(planted["grade"]), _filled(seen["grade"]))
    redundant = scores(
        "handover_redundant",
        _flag(planted["redundant"]),
        _flag(seen["redundant"]),
    )
    return pd.concat([grade, redundant])


def _keyed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index(["case_id", "from_event", "to_event"])


def _filled(column: pd.Series) -> pd.Series:
    plain = column.astype("object")
    return plain.where(plain.notna() & (plain != ""), _NO_GRADE)


def _flag(column: pd.Series) -> pd.Series:
    plain = column.astype("object")
    texts = plain.where(plain.notna(), "").map(lambda value: str(value).lower())
    return texts.where(texts != "", _NO_GRADE)


def _confusion(truth: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    planted, seen = _filled(_keyed(truth)["grade"]), _filled(_keyed(found)["grade"])
    both = pd.concat({"planted": planted, "found": seen}, axis=1).fillna("(absent)")
    return both.groupby(["planted", "found"]).size().rename("n").reset_index()


def _instants(column: pd.Series) -> pd.Series:
    if column.dtype == "object" or pd.api.types.is_string_dtype(column.dtype):
        column = column.mask(column == "")
    return pd.to_datetime(column, utc=True, format="ISO8601").dt.as_unit("us")


def _waits(truth: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Score the causes by the hours on which truth and finding agree, instant by instant."""
    planted, seen = _spans(truth), _spans(found)
    cases = sorted(set(planted["case_id"]) & set(seen["case_id"]))
    agreed = _overlap(planted[planted["case_id"].isin(cases)], seen[seen["case_id"].isin(cases)])
    rows = []
    for cause in sorted(set(planted["cause"]) | set(seen["cause"])):
        there = planted.loc[planted["cause"] == cause, "hours"].sum()
        here = seen.loc[seen["cause"] == cause, "hours"].sum()
        right = float(agreed.get(cause, 0.0))
        error = abs(here - there) / there if there else float(here > 0)
        rows.append(_row("wait_hours", cause, there, here, right) | {"hour_error": error})
    table = pd.DataFrame(rows)
    # Differences below a second in a thousand hours come from rounding hours to floats.
    for name in ("precision", "recall", "f1"):
        table[name] = table[name].round(9)
    return table


def _in_case(waits: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Keep the waits that lie in the case's own time; those after its end stand apart."""
    ends = cases.set_index("case_id")["end"].reindex(waits["case_id"]).to_numpy()
    own = pd.isna(ends) | (waits["start"].to_numpy() < ends)
    return waits[own]


def _spans(frame: pd.DataFrame) -> pd.DataFrame:
    begin, finish = _instants(frame["start"]), _instants(frame["end"])
    spans = pd.DataFrame(
        {
            "case_id": frame["case_id"].astype("str"),
            "cause": frame["cause"].astype("str"),
            "begin": begin.astype("int64"),
            "finish": finish.astype("int64"),
        }
    )
    spans["hours"] = (spans["finish"] - spans["begin"]) / _HOUR_US
    return spans[spans["hours"] > 0]


def _overlap(planted: pd.DataFrame, seen: pd.DataFrame) -> dict[str, float]:
    """Return, per cause, the hours that both tables give that cause."""
    marks = pd.concat([planted[["case_id", "begin"]], seen[["case_id", "begin"]]])
    cuts = marks.rename(columns={"begin": "at"}).drop_duplicates().sort_values(["at", "case_id"])
    cut_rows = cuts.assign(next=cuts.groupby("case_id")["at"].shift(-1))
    labelled = cut_rows
    for name, spans in (("planted", planted), ("found", seen)):
        ordered = spans.sort_values(["begin", "case_id"])
        labelled = pd.merge_asof(
            labelled.sort_values(["at", "case_id"]),
            ordered[["case_id", "begin", "finish", "cause"]].rename(
                columns={"begin": "at", "finish": f"{name}_to", "cause": name}
            ),
            on="at",
            by="case_id",
        )
    until = labelled[["planted_to", "found_to"]].min(axis=1)
    until = until.where(labelled["next"].isna(), labelled[["next"]].min(axis=1).clip(upper=until))
    hours = ((until - labelled["at"]) / _HOUR_US).clip(lower=0)
    same = labelled["planted"].eq(labelled["found"])
    totals = hours[same].groupby(labelled.loc[same, "planted"]).sum()
    return {str(cause): float(total) for cause, total in totals.items()}


def _carved(waits: pd.DataFrame, busy: pd.DataFrame) -> pd.DataFrame:
    """Put the planted busy time in place of the unexplained time it lies in."""
    rest = waits[waits["cause"] == "unexplained"]
    begin = _instants(busy["start"])
    spans = pd.DataFrame(
        {
            "case_id": busy["case_id"],
            "cause": "busy",
            "start": begin,
            "end": begin + pd.to_timedelta(busy["minutes"].astype("int64"), unit="min"),
        }
    )
    spans = spans[spans["case_id"].isin(waits["case_id"])]
    edges = [
        pd.DataFrame({"case_id": rows["case_id"], "at": _instants(rows[at]), "cause": cause})
        for rows, at, cause in (
            (rest, "start", "unexplained"), (spans, "end", "unexplained"),
            (spans, "start", "busy"), (rest, "end", ""),
        )
    ]  # fmt: skip
    # Where busy time ends with the pause, or begins as other busy time ends, the later
    # row of one instant holds: its place in the list above.
    marks = pd.concat(edges, ignore_index=True).sort_values(
        ["case_id", "at"], kind="stable", ignore_index=True
    )
    marks["end"] = marks.groupby("case_id")["at"].shift(-1)
    pieces = marks[(marks["cause"] != "") & marks["end"].notna()].rename(columns={"at": "start"})
    others = waits[waits["cause"] != "unexplained"]
    others = others.assign(start=_instants(others["start"]), end=_instants(others["end"]))
    kept = ["case_id", "cause", "start", "end"]
    return pd.concat([others[kept], pieces[kept]], ignore_index=True)


def _business(truth: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Score the working hours of each cause, case by case: nights, weekends, holidays."""
    keys = ["case_id", "cause"]
    planted = truth.assign(hours=truth["business_minutes"].astype("int64") / _MINUTES)
    there = planted.groupby(keys)["hours"].sum()
    seen = found.assign(**{name: found[name].astype("str") for name in keys})
    here = seen.groupby(keys)["business_hours"].sum()
    both = pd.concat({"truth": there, "found": here}, axis=1).fillna(0.0).astype("float")
    both["right"] = both.min(axis=1)
    sums = both.groupby(level="cause").sum().round(_DIGITS)
    rows = [
        _row("wait_business_hours", str(cause), row["truth"], row["found"], row["right"])
        for cause, row in sums.iterrows()
    ]
    return pd.DataFrame(rows)


def _decoys(
    truth: dict[str, pd.DataFrame], found: dict[str, pd.DataFrame], plants: pd.DataFrame
) -> pd.DataFrame:
    """Count what must not be flagged, and how much of it was not."""
    documents = truth["documents"].rename(columns={"document_id": "id", "status": "name"})
    documents = documents.loc[documents["name"].isin(("exempt", "undecided")), ["name", "id"]]
    handovers = truth["handovers"]
    handovers = handovers.loc[handovers["grade"].isin(("G0", "G0b", "GK")), ["grade", "to_event"]]
    handovers.columns = documents.columns
    listed = plants.loc[plants["decoy"] == "true", ["name", "id"]]
    flagged = found["documents"]["status"].isin(_FLAGGED)
    guilty = set(found["documents"].loc[flagged, "document_id"])
    entered = found["handovers"]["redundant"].astype("boolean").fillna(value=False)
    planted = truth["handovers"].loc[truth["handovers"]["redundant"] == "true", "to_event"]
    guilty |= set(found["handovers"].loc[entered, "to_event"]) - set(planted)
    rows = []
    for name, ids in pd.concat([documents, handovers, listed]).groupby("name")["id"]:
        right = int((~ids.isin(guilty)).sum())
        rows.append(_row("decoy", str(name), len(ids), right, right))
    return pd.DataFrame(rows)


def _requests(snapshot: Snapshot, process: str, plants: pd.DataFrame) -> pd.DataFrame:
    """Score the requests that were planted late; others may have a potential as well."""
    planted = plants[(plants["name"] == "late_request") & (plants["process"] == process)]
    if planted.empty:
        return pd.DataFrame()
    seen = set(_found(snapshot, process, "late_requests")["request"])
    right = int(planted["id"].isin(seen).sum())
    return pd.DataFrame([_row("late_request", "", len(planted), right, right)])


def _entries(snapshot: Snapshot, plants: pd.DataFrame) -> pd.DataFrame:
    """Score the facts that were entered twice, and those that disagree."""
    found = entered_twice(snapshot.path, snapshot.config).to_pandas().set_index("fact_id")
    labels = found["same"].map({True: "entered_twice", False: "disagreement"})
    mine = plants[plants["name"].isin(("entered_twice", "disagreement"))]
    planted = mine.set_index("id")["name"]
    labels.index = labels.index.str.removeprefix("oplysning:")
    return scores("fact_entry", planted, labels) if len(planted) + len(labels) else pd.DataFrame()


def _documents(truth: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    planted = truth.set_index("document_id")["status"]
    seen = found.set_index("document_id")["status"]
    return scores("document_status", planted, seen)
