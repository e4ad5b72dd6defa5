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
    for part in ("quarantined", "left_out"):
        reasons = account.reasons(part)
        if reasons:
            lines += ["", t(f"exports.page_{part}")]
            lines += [f"- {number(n)} ({code}): {sentence(code)}" for code, n in reasons.items()]
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
