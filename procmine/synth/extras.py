"""Rows beside the processes: notes, contacts, enquiries, benefits, facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.synth.clock import DAY, local
from procmine.synth.draws import Stream
from procmine.synth.files import Cell, Day, Stamp
from procmine.synth.plants import Plant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.synth.delivery import Delivery

    Row = tuple[Cell, ...]

__all__ = ["contacts", "control", "enquiries", "facts", "notes", "support"]

_TALKS = 90 * DAY
_DISAGREE = 10
"""Percent of facts that were typed differently the second time."""
_ENTERED = ("disagreement", "entered_twice")


def notes(delivery: Delivery) -> Iterator[Row]:
    """Free-text notes on the case file, shortly after a step."""
    number = 0
    words = delivery.words
    for case, step in delivery.steps:
        stream = Stream(case.seed, "note", step.event)
        when = step.end + stream.between(5, 60)
        if step.person is None or not stream.hits(20) or when >= delivery.cut:
            continue
        number += 1
        author, unit = step.person.initials, step.office.name
        yield f"N-{number}", case.sag.id, Stamp(when), words["subject"], author, unit, words["text"]


def enquiries(delivery: Delivery) -> Iterator[Row]:
    """Letters and calls from citizens, with the time of the answer."""
    number = 0
    for case in delivery.cases:
        stream = Stream(case.seed, "enquiry", case.id)
        for _ in range(stream.below(3)):
            first, last = case.steps[0].end, case.steps[-1].end
            asked = first + stream.below(max(last - first, DAY))
            calendar_day = (
                delivery.calendar.next_day(asked // DAY) * DAY + 9 * 60 + stream.below(360)
            )
            answered = calendar_day + stream.quantile([20, 120, 600, 1800, 4300, 14000])
            if calendar_day >= delivery.cut:
                continue
            number += 1
            way = delivery.words["phone" if stream.hits(50) else "post"]
            reply = Stamp(answered) if answered < delivery.cut else None
            office = case.visits[-1].office if case.visits else case.sag.responsible[0][2]
            yield f"H-{number}", case.sag.id, way, Stamp(calendar_day), reply, office.name


def support(delivery: Delivery) -> Iterator[Row]:
    """Yield the citizen's benefit before, during and after the case."""
    for case in delivery.cases:
        stream = Stream(case.seed, "support", case.id)
        begun = (case.start or 0) - stream.between(30, 400) * DAY
        ended = None
        if case.end is not None and stream.hits(30):
            ended = case.end + stream.between(10, 200) * DAY
        over = ended is not None and ended < delivery.cut
        yield (
            case.sag.citizen.cpr,
            case.flow.benefit,
            Day(begun),
            Day(ended) if over and ended else None,
        )


def contacts(delivery: Delivery) -> Iterator[Row]:
    """Contact talks by the national register, about every third month."""
    number = 0
    words = delivery.words
    for sag in delivery.sager:
        stream = Stream(delivery.ledger.scenario.seed, "talk", sag.id)
        when = sag.opened + stream.below(_TALKS)
        while when < (sag.closed or delivery.cut) and when < delivery.cut - DAY:
            planned = delivery.calendar.next_day(when // DAY) * DAY + 9 * 60 + stream.below(12) * 30
            outcome = stream.pick({"held": 82, "absent": 10, "moved": 8})
            held = Stamp(planned + stream.below(10)) if outcome == "held" else None
            number += 1
            if sag.responsible:
                unit = sag.responsible[-1][2].name
                cpr, group = sag.citizen.cpr, sag.group
                row = (words["talk"], Stamp(planned), held, words[outcome], unit)
                yield f"DK-{number}", cpr, group, *row
            when += _TALKS - 20 * DAY + stream.below(40 * DAY)


def facts(delivery: Delivery) -> Iterator[Row]:
    """Facts about citizens typed into two systems, or copied by one of them."""
    number = 0
    words = delivery.words
    known: set[int] = set()
    for sag in delivery.sager:
        stream = Stream(delivery.ledger.scenario.seed, "fact", sag.id)
        if sag.citizen.number in known or not stream.hits(40):
            continue
        known.add(sag.citizen.number)
        when = sag.opened + stream.below(6 * 60)
        value = f"{stream.bits():08x}"[:8]
        field = words["address" if stream.hits(50) else "phone_field"]
        unit = delivery.ledger.scenario.units[0].name
        automatic = words["yes" if stream.hits(25) else "no"]
        wrong = stream.hits(_DISAGREE)
        again = f"{value[1:]}{value[0]}" if wrong and len(set(value)) > 1 else value
        rows = ((words["opera"], words["no"], 0, value), (words["aktiv"], automatic, 2, again))
        for system, copied, days, told in rows:
            number += 1
            moment = Stamp(when + days * DAY)
            if moment.at >= delivery.cut:
                continue
            cpr = sag.citizen.cpr
            yield f"O-{number}", cpr, field, told, moment, system, unit, copied
            if days:
                copy = automatic == words["yes"]
                name = "automatic_copy" if copy else _ENTERED[again == value]
                plant = Plant(name, None, f"O-{number}", f"O-{number - 1}", days, decoy=copy)
                delivery.ledger.plants.append(plant)


def control(delivery: Delivery) -> Iterator[Row]:
    """Yield the municipality's own monthly counts, now and then one too many."""
    rules = delivery.words["control"]
    for measure in rules["measure"]:
        months: dict[str, int] = {}
        label = ""
        for case, step in delivery.steps:
            if (case.flow.process, step.type) == (measure["process"], measure["step"]):
                month = f"{local(step.end):%Y-%m}"
                months[month] = months.get(month, 0) + 1
                label = delivery.label(case, step.type)
        for month, count in sorted(months.items())[-rules["months"] :]:
            stream = Stream(delivery.ledger.scenario.seed, "control", label, month)
            yield month, label, count + stream.hits(rules["off"]), rules["source"]
