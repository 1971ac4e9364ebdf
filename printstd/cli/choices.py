"""What some options choose from, for who does not read options."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    GITHUB = "github"
    GITLAB = "gitlab"


class Listing(StrEnum):
    """Of what is no report: lists of profiles and their values."""

    TEXT = "text"
    JSON = "json"


class Redaction(StrEnum):
    GEOMETRY = "geometry"
