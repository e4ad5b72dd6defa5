"""The report: one model, laid out as tagged PDF, editable DOCX or a single HTML page."""

from procmine.report.write import build_report, write_report

__all__ = ["build_report", "write_report"]
