"""Run as a program: what pm4py or r4pm finds in the files given, or writes of them.

Usage: oracle.py pm4py-alone|pm4py|r4pm FILE..., the answers as JSON to the file ORACLE_OUT;
the log ORACLE_AGAIN is written anew beside it as ``again.json``, ``.xml`` and ``.sqlite``.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"


def of_pm4py(path: str) -> dict[str, object]:
    """Count and list the instants as pm4py reads them, in microseconds since 1970 UTC."""
    import pandas as pd
    import pm4py

    if ".xes" in path:
        frame = pm4py.read_xes(path)
        stamps = pd.to_datetime(frame["time:timestamp"], utc=True).astype("datetime64[us, UTC]")
        return {
            "events": len(frame),
            "cases": int(frame["case:concept:name"].nunique()),
            "instants": sorted(stamps.astype("int64").tolist()),
        }
    told = pm4py.read_ocel2(path)

    def micros(frame: object, key: str) -> list[list[object]]:
        stamps = pd.to_datetime(frame["ocel:timestamp"], utc=True).astype("datetime64[us, UTC]")
        return sorted(
            [str(k), int(v)] for k, v in zip(frame[key], stamps.astype("int64"), strict=True)
        )

    return {
        "events": len(told.events),
        "objects": len(told.objects),
        "e2o": len(told.relations),
        "o2o": len(told.o2o),
        "object_changes": len(told.object_changes),
        "instants": micros(told.events, "ocel:eid"),
        "changed": micros(told.object_changes, "ocel:oid") if len(told.object_changes) else [],
        "qualifiers": sorted(
            [str(e), str(o), str(q)]
            for e, o, q in zip(
                told.relations["ocel:eid"],
                told.relations["ocel:oid"],
                told.relations["ocel:qualifier"],
                strict=True,
            )
        ),
    }


def of_r4pm(path: str) -> dict[str, object]:
    """Count and list the instants as r4pm reads them."""
    from datetime import datetime

    import r4pm

    if ".xes" in path:
        held = r4pm.import_item("EventLog", path)
        projected = r4pm.bindings.log_to_activity_projection(held)
        return {"cases": r4pm.bindings.get_num_cases(projected)}
    told = r4pm.import_item("OCEL", path)
    linked = r4pm.bindings.slim_link_ocel(told)
    events, objects = [], []
    for index in range(r4pm.bindings.num_events(told)):
        events.append(r4pm.bindings.locel_get_full_ev(linked, index))
    for index in range(r4pm.bindings.num_objects(told)):
        objects.append(r4pm.bindings.locel_get_full_ob(linked, index))

    def micros(text: str) -> int:
        stamp = datetime.fromisoformat(text)
        return round(stamp.timestamp() * 1_000_000)

    later = [
        [o["id"], micros(a["time"])]
        for o in objects
        for a in o["attributes"]
        if micros(a["time"]) != 0
    ]
    return {
        "events": len(events),
        "objects": len(objects),
        "e2o": sum(len(e["relationships"]) for e in events),
        "o2o": sum(len(o["relationships"]) for o in objects),
        "object_changes": len(later),
        "instants": sorted([e["id"], micros(e["time"])] for e in events),
        "changed": sorted(later),
        "qualifiers": sorted(
            [e["id"], r["objectId"], r["qualifier"]] for e in events for r in e["relationships"]
        ),
    }


def write(tool: str, source: str, folder: Path) -> None:
    """Read a log and write it again in each format."""
    targets = [str(folder / f"again{ending}") for ending in (".json", ".xml", ".sqlite")]
    if tool == "r4pm":
        import r4pm

        told = r4pm.import_item("OCEL", source)
        for target in targets:
            r4pm.export_item(told, target)
        return
    import pm4py

    told = pm4py.read_ocel2(source)
    for target in targets:
        pm4py.write_ocel2(told, target)


def main() -> None:
    """Answer for every file named, and write one anew."""
    tool, files = sys.argv[1], sys.argv[2:]
    if tool == "pm4py-alone":
        sys.modules["r4pm"] = None
    out = Path(os.environ["ORACLE_OUT"])
    write(tool, os.environ["ORACLE_AGAIN"], out.parent)
    ask = of_r4pm if tool == "r4pm" else of_pm4py
    out.write_text(json.dumps({Path(file).name: ask(file) for file in files}), encoding="utf-8")


if __name__ == "__main__":
    main()
