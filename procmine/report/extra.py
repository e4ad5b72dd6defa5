"""The municipality's own remarks, taken into the report as they stand."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.errors import Fault, UsageError
from procmine.report.model import Paragraph, Section
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.report.model import ReportModel

__all__ = ["with_remarks"]

# Ten digits written like a personal number, in any of the usual ways.
_PERSON = re.compile(r"(?<!\d)\d{6}[-\u2013 ]?\d{4}(?!\d)")


def with_remarks(model: ReportModel, files: Sequence[Path]) -> ReportModel:
    """Return the report with a section of remarks before its last section.

    Each file is UTF-8 text; an empty line parts its paragraphs.

    Raises
    ------
    UsageError
        A file that cannot be read as text, or holds what looks like a personal number.

    Examples
    --------
    >>> from procmine.report.model import ReportModel
    >>> model = ReportModel("start", "T", "S", (), (), (), "2026-03-01T00:00:00+00:00")
    >>> with_remarks(model, []) is model
    True
    """
    if not files:
        return model
    text = "\n\n".join(_read(Path(file)) for file in files)
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    blocks = tuple(Paragraph(part) for part in parts if part)
    page = max((section.page for section in model.sections), default=1)
    remarks = Section(t("report.remarks"), blocks, page)
    return replace(model, sections=(*model.sections[:-1], remarks, *model.sections[-1:]))


def _read(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(t("report.bad_remarks", file=file.name), (Fault("bad_file"),)) from error
    if _PERSON.search(text):
        raise UsageError(t("report.person_remarks", file=file.name), (Fault("personal_number"),))
    return text
