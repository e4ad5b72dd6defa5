"""The report: one model, laid out as tagged PDF, editable DOCX or a single HTML page."""

from __future__ import annotations
