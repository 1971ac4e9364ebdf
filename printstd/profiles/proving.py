"""What `printstd profiles check` proves of a pack, one line for each thing it looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from printstd.ports import ProfileSource
from printstd.profiles import standing, table_rules
from printstd.profiles.kinds import Date
from printstd.profiles.load import MODELS, Loaded, load
from printstd.profiles.models import Confidence
from printstd.profiles.standard_models import (
    AdditiveStandard,
    Designation,
    Pack,
    StandardStatus,
    ToleranceTable,
)
from printstd.words import Said, listed, said


class ProofVerdict(StrEnum):
    PASS = "PASS"
    WARN = "WARN"
    """Holds, and somebody should look."""
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that was looked at."""

    pack: str
    subject: str
    verdict: ProofVerdict
    text: Said


@dataclass(frozen=True, slots=True)
class Known:
    """What a pack may name that is not a profile."""

    checks: Collection[str]
    audit_rules: Collection[str]


@dataclass(frozen=True, slots=True)
class _Proven:
    """A pack with everything it names. tables : kind -> (table, id of the designation cited)."""

    pack: Loaded[Pack]
    tables: dict[str, tuple[Loaded[Any], str]]
    known: Known
    today: str


REFERENCES: Final = ("title_block", "geometrical", "grades", "moulding")
_KIND_OF: Final = {"title_block": "standard"}
_PASS, _WARN, _FAIL = ProofVerdict.PASS, ProofVerdict.WARN, ProofVerdict.FAIL
_Found = Iterator[tuple[ProofVerdict, Said]]


def prove(source: ProfileSource, name: str, known: Known, today: str) -> list[Proof]:
    """Every proof of one pack that can be read (`show.check_all` found nothing wrong with it).

    today : the run's date, ``2026-11-26``. Raises ValueError where the pack or what it names cannot
    be read.
    """
    pack = load(source, Pack, "pack", name, [])
    if pack is None:
        raise ValueError(f"pack {name} cannot be read")
    references = {"standard": (pack.model.tolerance_table, pack.model.designation)}
    for key in REFERENCES:
        reference = getattr(pack.model, key)
        if reference is not None:
            references[key] = (reference.table, reference.designation)
    tables: dict[str, tuple[Loaded[Any], str]] = {}
    for key, (table, designation) in references.items():
        kind = _KIND_OF.get(key, key)
        loaded: Loaded[Any] | None = load(source, MODELS[kind], kind, table, [])
        if loaded is None:
            raise ValueError(f"{kind} {table} cannot be read")
        tables[key] = (loaded, designation)
    proven = _Proven(pack, tables, known, today)
    return [
        Proof(name, subject, verdict, text)
        for subject, prover in _PROVERS.items()
        for verdict, text in prover(proven)
    ]


def _inherits(proven: _Proven) -> _Found:
    parents = [file for file, _ in proven.pack.raw.texts]
    if len(parents) > 1:
        yield _PASS, said("stands on {parents}", parents=", ".join(parents[:-1]))
    else:
        yield _PASS, said("stands on no other pack")


def _numbers(proven: _Proven) -> _Found:
    count = 0
    for loaded, _ in proven.tables.values():
        count += table_rules.cells(loaded.model)
        for key, source, confidence in _provenances(loaded.model):
            if not source.strip():
                yield _FAIL, said("{file}: {key} has no source", file=loaded.raw.file, key=key)
            if confidence in (Confidence.KNOWLEDGE_LOW, Confidence.IMPORTED):
                yield (
                    _FAIL,
                    said(
                        "{file}: {key} rests on {confidence}: to be looked up before it is used",
                        file=loaded.raw.file,
                        key=key,
                        confidence=confidence.value,
                    ),
                )
    files = sorted({loaded.raw.file for loaded, _ in proven.tables.values()})
    yield (
        _PASS,
        said(
            "{count} numbers in {files}, each with a source and how sure it is",
            count=count,
            files=", ".join(files),
        ),
    )


def _provenances(table: Any) -> Iterator[tuple[str, str, Confidence]]:
    """(key, source, confidence) of the table and of every part that has its own."""
    yield "the table", table.source, table.confidence
    for part in ("broken_edges", "angles", "positions"):
        inner = getattr(table, part, None)
        if inner is not None:
            yield part, inner.source, inner.confidence


def _tables(proven: _Proven) -> _Found:
    seen: set[str] = set()
    for loaded, _ in proven.tables.values():
        if loaded.raw.file in seen:
            continue
        seen.add(loaded.raw.file)
        wrong = list(table_rules.broken(loaded.model))
        for one in wrong:
            place = loaded.problem(one.key, "", "")
            yield (
                _FAIL,
                said(
                    "{file}:{line}: {key}: {rule}",
                    file=place.file,
                    line=place.line or "?",
                    key=one.key,
                    rule=one.rule,
                ),
            )
        if not wrong and table_rules.cells(loaded.model):
            yield (
                _PASS,
                said("{file}: every cell keeps to what such tables keep to", file=loaded.raw.file),
            )


def _designations(proven: _Proven) -> _Found:
    cited = []
    for key, (loaded, name) in proven.tables.items():
        one = _designation(loaded.model, name)
        if one is None:
            yield _FAIL, said("{key} cites {name}, which no table has", key=key, name=name)
            continue
        if not one.source.strip():
            yield _FAIL, said("{standard} has no source", standard=one.designation)
        if one.confidence is Confidence.KNOWLEDGE_LOW:
            yield _FAIL, said("{standard} rests on knowledge, low", standard=one.designation)
        cited.append(one.designation)
    extra = proven.pack.model.deviations_designation
    if extra is not None:
        grades = proven.tables.get("grades")
        found = _designation(grades[0].model, extra) if grades else None
        if found is None:
            yield (
                _FAIL,
                said("deviations_designation names {name}, which no table has", name=extra),
            )
        else:
            cited.append(found.designation)
    yield _PASS, said("cites {standards}", standards=", ".join(dict.fromkeys(cited)))


def _designation(table: Any, name: str) -> Designation | None:
    return next((one for one in table.designations if one.id == name), None)


def _indications(proven: _Proven) -> _Found:
    table, name = proven.tables["standard"]
    one = _designation(table.model, name)
    assert isinstance(table.model, ToleranceTable)
    if one is None:
        return
    letter = proven.pack.model.default_class or "title block"
    text = one.indication_template.replace("{class}", letter)
    if "{" in text:
        yield _FAIL, said("a drawing would name the class as {text}", text=repr(text))
    else:
        yield _PASS, said("a drawing names the class as {text}", text=text)


def _statuses(proven: _Proven) -> _Found:
    cited: list[Designation | AdditiveStandard] = []
    for loaded, name in proven.tables.values():
        one = _designation(loaded.model, name)
        cited += [one] if one else []
    cited += proven.pack.model.additive_standards
    days: list[Date] = []
    for standard in cited:
        day = standard.status_checked_on
        days.append(day)
        if day.isoformat() > proven.today:
            yield (
                _FAIL,
                said(
                    "the status of {standard} is said to be looked up on {day}, which is to come",
                    standard=standard.designation,
                    day=day.isoformat(),
                ),
            )
        elif standing.is_stale(day, proven.today):
            yield (
                _WARN,
                said(
                    "the status of {standard} was looked up on {day}, over 12 months ago",
                    standard=standard.designation,
                    day=day.isoformat(),
                ),
            )
        if standard.status is StandardStatus.WITHDRAWN:
            yield _WARN, said("{standard} is withdrawn", standard=standard.designation)
    yield (
        _PASS,
        said(
            "{count} standards, each with a status and the day it was looked up, the oldest {day}",
            count=len(cited),
            day=min(days).isoformat(),
        ),
    )


def _adoptions(proven: _Proven) -> _Found:
    additive = proven.pack.model.additive_standards
    for one in additive:
        if not one.source.strip():
            yield _FAIL, said("{standard} has no source", standard=one.designation)
        if one.confidence is Confidence.KNOWLEDGE_LOW:
            yield _FAIL, said("{standard} rests on knowledge, low", standard=one.designation)
        if (
            one.status is StandardStatus.FOREIGN_DIRECT
            and one.national_adoption == "not_applicable"
        ):
            yield (
                _FAIL,
                said(
                    "{standard} is applied directly, so its national adoption is verified or not",
                    standard=one.designation,
                ),
            )
    direct = sum(one.status is StandardStatus.FOREIGN_DIRECT for one in additive)
    yield (
        _PASS,
        said(
            "{count} standards for additive manufacturing, {direct} of them applied directly with "
            "their national adoption told",
            count=len(additive),
            direct=direct,
        ),
    )


def _checks(proven: _Proven) -> _Found:
    pack, known = proven.pack.model, proven.known
    unknown = [name for name in pack.mandatory_checks if name not in known.checks]
    unknown += [name for name in pack.mandatory_audit_rules if name not in known.audit_rules]
    for name in unknown:
        yield _FAIL, said("{rule} is mandatory, and there is no such rule", rule=name)
    if not unknown:
        yield (
            _PASS,
            said(
                "{count} mandatory checks, all of which there are", count=len(pack.mandatory_checks)
            ),
        )


def _titles(proven: _Proven) -> _Found:
    pack = proven.pack.model
    missing = [one for one in pack.languages if not pack.document_title.get(one, "").strip()]
    for language in missing:
        yield _FAIL, said("no title in language {language}", language=language)
    if not pack.languages:
        yield _FAIL, said("no language")
    elif not missing:
        yield _PASS, said("titles in {languages}", languages=", ".join(pack.document_title))


def _words(proven: _Proven) -> _Found:
    pack = proven.pack.model
    found = [
        (word, language)
        for language, title in pack.document_title.items()
        for word in pack.regulated_words
        if word.casefold() in title.casefold()
    ]
    for word, language in found:
        yield (
            _FAIL,
            said(
                "the title in language {language} holds {word}, which is regulated in {country}",
                language=language,
                word=word,
                country=pack.country,
            ),
        )
    if not found:
        words = listed([said("{word}", word=word) for word in pack.regulated_words])
        yield (
            (_PASS, said("no title holds {words}", words=words))
            if pack.regulated_words
            else (
                _PASS,
                said("no words are told to be regulated in {country}", country=pack.country),
            )
        )


_PROVERS: Final[dict[str, Callable[[_Proven], _Found]]] = {
    "extends": _inherits,
    "numbers": _numbers,
    "tables": _tables,
    "designations": _designations,
    "indication": _indications,
    "statuses": _statuses,
    "adoption": _adoptions,
    "mandatory checks": _checks,
    "titles": _titles,
    "regulated words": _words,
}
