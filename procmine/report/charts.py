"""Charts of the report by matplotlib: same data, same bytes, no browser.

Colours are those of the pages (:mod:`procmine.figures.style`); text is Danish and set by us,
so that the machine's locale plays no part.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from procmine.figures.style import CAUSE_COLOURS, INK, MUTED, SERIES
from procmine.report.model import Bars, Curves
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

__all__ = ["chart"]

_STYLE: Any = {
    "svg.hashsalt": "procmine",
    "svg.fonttype": "path",
    "font.family": ["DejaVu Sans"],
    "font.size": 8.0,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
}
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_DASHES = ("solid", (0, (5, 2)))
_DPI = 200
_LABELS, _NUMBERS = 2.15, 1.75
_NARROW, _TALL, _LOW = 5.0, 1.9, 1.7
_LEFT, _RIGHT, _TOP = 0.72, 0.14, 0.08  # inches round the axes


def chart(content: Curves | Bars, form: Literal["svg", "png"], width: float = 6.7) -> bytes:
    """Draw a chart.

    Parameters
    ----------
    content
        What is drawn.
    form
        ``svg`` (text as shapes) or ``png``.
    width
        In inches.

    Examples
    --------
    >>> chart(Bars("dage", (("A", 2.0, "citizen", "2"),)), "svg").startswith(b"<?xml")
    True
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    with mpl.rc_context(_STYLE):
        if isinstance(content, Curves):
            tall = _TALL if width > _NARROW else _LOW
            canvas = Canvas(figsize=(width, tall + 0.16 * len(content.curves)))
            _curves(canvas, content)
        else:
            canvas = Canvas(figsize=(width, 0.1 + 0.2 * len(content.rows)))
            _bars(canvas, content)
        FigureCanvasAgg(canvas)
        target = BytesIO()
        # Neither date nor version: the bytes depend on the data alone.
        bare = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        canvas.savefig(target, format=form, metadata=bare, dpi=_DPI)
    return target.getvalue()


def _curves(canvas: Canvas, content: Curves) -> None:
    lines = len(content.curves)
    foot = 0.5 + 0.16 * lines
    width, height = (float(side) for side in canvas.get_size_inches())
    across = (width - _LEFT - _RIGHT) / width
    axes = canvas.add_axes((_LEFT / width, foot / height, across, 1 - (foot + _TOP) / height))
    for number_, curve in enumerate(content.curves):
        colour = SERIES[number_ % len(SERIES)]
        if curve.lower:
            axes.fill_between(
                curve.days, curve.lower, curve.upper, step="post", color=colour, alpha=0.15, lw=0
            )
        dash = _DASHES[number_ % len(_DASHES)]
        axes.step(curve.days, curve.share, where="post", color=colour, lw=1.8, ls=dash)
        if lines > 1 and curve.share:
            _name(axes, curve.label, curve.days, curve.share, colour, number_)
    last = content.marks[-1] if content.marks else 1.0
    axes.set_xlim(0, last)
    axes.set_ylim(0, 1.02)
    axes.set_yticks(_SHARES, [percent(share) for share in _SHARES])
    axes.set_xticks(content.marks, [number(mark) for mark in content.marks])
    axes.grid(axis="y", color="#d6dce2", lw=0.6)
    axes.set_ylabel(t("report.time.up"))
    axes.set_xlabel(t("report.time.across"), labelpad=2)
    _risk(canvas, axes, content)


def _name(
    axes: Axes,
    label: str,
    days: tuple[float, ...],
    share: tuple[float, ...],
    colour: str,
    place: int,
) -> None:
    # Each curve is named on itself, where it has fallen to its own height, else near its end.
    fallen = next((i for i, s in enumerate(share) if s < 0.62 - 0.24 * place), None)
    near = min(round(0.85 * len(share)), len(share) - 1)
    at = near if fallen is None else min(fallen, near)
    axes.annotate(
        label, (days[at], share[at]), xytext=(-6, -12) if place else (6, 5),
        ha="right" if place else "left", textcoords="offset points", color=colour,
        fontweight="bold",
    )  # fmt: skip


def _risk(canvas: Canvas, axes: Axes, content: Curves) -> None:
    box = axes.get_position()
    height = float(canvas.get_size_inches()[1])
    last = content.marks[-1] if content.marks else 1.0
    for row, numbers in enumerate(content.at_risk):
        y = (0.09 + 0.16 * (len(content.at_risk) - 1 - row)) / height
        label = content.curves[row].label if len(content.curves) > 1 else t("report.time.at_risk")
        colour = SERIES[row % len(SERIES)] if len(content.curves) > 1 else INK
        canvas.text(0.02, y, label, color=colour, fontsize=7.5, va="bottom")
        for mark, n in zip(content.marks, numbers, strict=True):
            x = box.x0 + box.width * mark / last
            text = t("report.time.few") if n is None else number(n)
            canvas.text(x, y, text, ha="center", va="bottom", fontsize=7.5, color=colour)


def _bars(canvas: Canvas, content: Bars) -> None:
    left = _LABELS / float(canvas.get_size_inches()[0])
    axes = canvas.add_axes((left, 0.04, 0.99 - left, 0.94))
    places = range(len(content.rows))
    values = [value for _, value, _, _ in content.rows]
    colours = [CAUSE_COLOURS.get(colour, MUTED) for _, _, colour, _ in content.rows]
    axes.barh(places, values, color=colours, height=0.7)
    for place, (_, value, _, written) in zip(places, content.rows, strict=True):
        axes.annotate(
            written, (value, place), xytext=(4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(places, [label for label, _, _, _ in content.rows])
    axes.tick_params(axis="y", length=0)
    # Room at the right for the numbers of the longest bar.
    inches = (0.99 - left) * float(canvas.get_size_inches()[0])
    axes.set_xlim(0, max([*values, 1e-9]) * inches / max(0.3, inches - _NUMBERS))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.invert_yaxis()
