"""Models of a process: tables of our own, and pm4py's objects for those who want them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procmine.discovery import flow
from procmine.discovery.handovers import handover_network
from procmine.discovery.ocdfg import object_centric_flow
from procmine.errors import Fault, UsageError
from procmine.text import t

if TYPE_CHECKING:
    from procmine.store.snapshot import Snapshot

__all__ = ["MODELS", "discover", "place_bpmn"]

MODELS = (
    "dfg", "ocdfg", "ocpn", "bpmn", "petri_net", "process_tree", "variants", "handovers",
)  # fmt: skip
_SIZES = {"task": (120.0, 60.0), "gateway": (40.0, 40.0), "event": (30.0, 30.0)}


def discover(
    snapshot: Snapshot,
    process: str | None,
    model: str,
    *,
    noise: float = 0.0,
    top_variants: int | None = None,
    whole: bool = False,
) -> Any:
    """Discover a model of a process.

    Parameters
    ----------
    snapshot, process
        The log, and which of its processes (may be left out where it has one).
    model
        ``dfg``, ``ocdfg``, ``variants``, ``handovers``: a DataFrame. ``bpmn``, ``petri_net``,
        ``process_tree``, ``ocpn``: pm4py's own object, by the inductive miner.
    noise
        Share of rare behaviour that the inductive miner may leave out, 0 to 1.
    top_variants
        Mine only this many of the most frequent variants; say so beside the model.
    whole
        Also take steps before a case's start and after its end.

    Raises
    ------
    UsageError
        A model that is not known.

    Examples
    --------
    >>> import procmine
    >>> discover(procmine.open("STORE").snapshot, None, "dfg")  # doctest: +SKIP
    """
    if model == "dfg":
        return flow.directly_follows(snapshot, process, whole=whole)
    if model == "variants":
        return flow.variants(snapshot, process, whole=whole)
    if model == "handovers":
        return handover_network(snapshot, process, whole=whole)
    if model == "ocdfg":
        return object_centric_flow(snapshot)
    from procmine.discovery import bridge

    if model == "ocpn":
        from procmine.discovery.ocel_bridge import ocel_to_pm4py
        from procmine.ocel.log import Ocel

        return bridge.ocpn_of(ocel_to_pm4py(Ocel.read(snapshot.path / "ocel")))
    makers = {
        "bpmn": bridge.bpmn_of,
        "petri_net": bridge.petri_net_of,
        "process_tree": bridge.process_tree_of,
    }
    if model not in makers:
        known = ", ".join(MODELS)
        raise UsageError(t("discovery.unknown", known=known), (Fault("unknown_model"),))
    flat = flow.flat_log(snapshot, process, whole=whole, top_variants=top_variants)
    if flat.empty:
        raise UsageError(t("discovery.empty"), (Fault("no_steps"),))
    named = _labelled(flat, snapshot, snapshot.process(process).name)
    return makers[model](named, noise)


def place_bpmn(graph: Any) -> Any:
    """Give a BPMN graph coordinates, so that any BPMN tool can draw it; return it.

    pm4py's own layout needs the Graphviz binary; graphlay needs none.
    """
    import graphlay

    nodes = sorted(graph.get_nodes(), key=lambda node: (str(node.get_name()), str(node.get_id())))
    flows = sorted(
        graph.get_flows(),
        key=lambda f: (str(f.get_source().get_id()), str(f.get_target().get_id())),
    )
    plan = graphlay.Graph()
    for node in nodes:
        plan.node(node.get_id(), size=_SIZES[_shape(node)])
    for edge in flows:
        plan.edge(edge.get_source().get_id(), edge.get_target().get_id())
    placed = graphlay.layout(plan, preset="layered", options={"direction": "leftright"})
    for node, place in zip(nodes, placed.nodes, strict=True):
        (x, y), (width, height) = _pair(place["center"]), _SIZES[_shape(node)]
        node.set_x(x - width / 2)
        node.set_y(y - height / 2)
        node.set_width(width)
        node.set_height(height)
    for edge, line in zip(flows, placed.edges, strict=True):
        edge.del_waypoints()
        for point in line["points"]:
            edge.add_waypoint(_pair(point))
    return graph


def _pair(point: Any) -> tuple[float, float]:
    if isinstance(point, dict):
        return float(point["x"]), float(point["y"])
    return float(point[0]), float(point[1])


def _shape(node: Any) -> str:
    name = type(node).__name__
    if "Gateway" in name:
        return "gateway"
    return "event" if "Event" in name else "task"


def _labelled(flat: pd.DataFrame, snapshot: Snapshot, process: str) -> pd.DataFrame:
    names = {a: snapshot.config.label(a, process) for a in flat["concept:name"].unique()}
    if len(set(names.values())) < len(names):
        return flat
    return flat.assign(**{"concept:name": flat["concept:name"].map(names)})
