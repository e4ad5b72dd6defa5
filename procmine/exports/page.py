"""The account of a load as a readable Danish page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.fates import sentence
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from procmine.exports.account import Account

__all__ = ["account_page"]


def account_page(account: Account) -> str:
    """Return what became of every row, in words: totals, reasons with their remedy, files.

    Examples
    --------
    >>> from procmine.exports.account import Account, FileAccount
    >>> page = account_page(Account([FileAccount("a.csv", "a", "p", read=2, kept=2)]))
    >>> "a.csv" in page
    True
    """
    totals = {name: number(value) for name, value in account.totals.items()}
    lines = [t("exports.page_totals", **totals)]
    if account.unchanged:
        lines.append(t("exports.page_unchanged"))
    elif account.counts:
        lines.append(t("exports.page_log" if account.counts.get("events") else
                       "exports.page_no_events", **_log(account)))  # fmt: skip
    for part in ("quarantined", "left_out"):
        reasons = account.reasons(part)
        if reasons:
            lines += ["", t(f"exports.page_{part}")]
            for code, n in reasons.items():
                where = _where(account, code) if part == "quarantined" else ""
                lines.append(f"- {number(n)} ({code}): {sentence(code)}{where}")
    repaired = account.reasons("repaired")
    if repaired:
        lines += ["", t("exports.page_repaired")]
        lines += [f"- {number(n)} ({code}): {t(f'repair.{code}')}" for code, n in repaired.items()]
    if account.warnings:
        lines += ["", t("exports.page_warnings"), *(f"- {text}" for text in account.warnings)]
    lines += ["", t("exports.page_files")]
    for file in account.files:
        counts = {
            "file": file.file, "read": number(file.read), "kept": number(file.kept),
            "left_out": number(sum(file.left_out.values())),
            "quarantined": number(sum(file.quarantined.values())),
        }  # fmt: skip
        lines.append(f"- {t('exports.page_file', **counts)}")
    return "\n".join([*lines, "", t("exports.reminder")])


def _where(account: Account, code: str) -> str:
    """Say where the first of the rows quarantined under a code stand."""
    places = [
        t("exports.page_place_column" if column else "exports.page_place", file=file,
          line=number(line), column=column)
        for file, line, column in account.places.get(code, ())
    ]  # fmt: skip
    return f" {t('exports.page_places', places='; '.join(places))}" if places else ""


def _log(account: Account) -> dict[str, str]:
    return {name: number(account.counts.get(name, 0)) for name in ("events", "objects", "e2o")}
