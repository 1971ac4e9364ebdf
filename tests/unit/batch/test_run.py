"""A run does what is missing, once; what it says is done is there; and it holds what comes back
against what it asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from printstd.adapters.clock import FixedClock
from printstd.adapters.progress import NoProgress
from printstd.adapters.result_files import ResultFolder
from printstd.artifacts.finding import Finding, Status
from printstd.batch.inputs import MODELS, InputFile, find_inputs, program_places
from printstd.batch.records import Answer, Ask, Product, staged_name
from printstd.batch.run import Batch, Outcome, Own, Wanted
from printstd.certify.predicates import ToolFacts
from printstd.errors import InputError, OutsideError, PrintstdError
from printstd.profiles.decision import Outcome as Verdict
from printstd.report.document import Section, Subject
from printstd.reuse.packed import pack
from printstd.words import said

TOOL = ToolFacts("1", "5" * 64, "3", "here", (("numpy", "2"),))
CLOCK = FixedClock(1_790_000_000)


class Here:
    """A crew of this very process, for what a run does with its answers."""

    workers = 1

    def __init__(self) -> None:
        self.done: list[str] = []

    def each(self, function: Any, tasks: Any, *, shared: Any, done: Any) -> None:
        for number, task in enumerate(tasks):
            self.done.append(task.name)
            try:
                answer = function(shared, task)
            except PrintstdError as error:
                answer = error
            done(number, answer)


def finding(rule: str, status: Status) -> Finding:
    return Finding(rule, status, said("{rule} said so", rule=rule), source="a source")


def made(ask: Ask, data: bytes) -> Answer:
    """A program whose bytes follow from the model's, as a worker leaves it."""
    sha256 = hashlib.sha256(data).hexdigest()
    products = ()
    if ask.staging is not None and ask.product is not None:
        program = b"; " + data
        digest = hashlib.sha256(program).hexdigest()
        (Path(ask.staging) / staged_name(ask.product, digest)).write_bytes(program)
        products = (Product(ask.product, digest),)
    findings = (finding("A-1", Status.PASS), finding("A-2", Status.WARN))
    section = Section("validate", Verdict.PASSED, findings, ("A-1", "A-2"), (), ())
    subject = Subject(ask.name, sha256, (), (section,), (), None, 0)
    return Answer(subject, sha256, TOOL.sha256, products)


def work(change: Callable[[Ask, Answer], Answer], ask: Ask) -> bytes:
    data = Path(ask.path).read_bytes()
    if data == b"refused":
        raise InputError(said("no model"))
    return b"".join(pack(Answer, change(ask, made(ask, data))))


def as_it_is(ask: Ask, answer: Answer) -> Answer:
    return answer


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    for name in ("a", "b", "sub/c", "sub/d"):
        place = tmp_path / "parts" / f"{name}.stl"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(name.encode() * 9)
    (tmp_path / "out").mkdir()
    (tmp_path / "staging").mkdir()
    return tmp_path


def run(
    folder: Path,
    crew: Here,
    change: Any = as_it_is,
    *,
    request: str = "r",
    tool: ToolFacts = TOOL,
    own: Any = None,
) -> Outcome:
    files = find_inputs([folder / "parts"], [], MODELS)
    batch = Batch(
        Wanted(work, change, request, tool, None, own=own),
        files,
        ResultFolder(folder / "kept"),
        clock=CLOCK,
        progress=NoProgress(),
        places=program_places(files, folder / "out"),
        staging=folder / "staging",
    )
    return batch.run(crew)


def programs(folder: Path) -> dict[str, bytes]:
    out = folder / "out"
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_a_second_run_does_only_what_is_missing(parts: Path) -> None:
    crew = Here()
    first = run(parts, crew)
    assert sorted(crew.done) == ["a.stl", "b.stl", "sub/c.stl", "sub/d.stl"]
    assert [s.name for s in first.subjects] == sorted(crew.done)
    whole = programs(parts)
    assert whole == {f"{n}.gcode": b"; " + n.encode() * 9 for n in ("a", "b", "sub/c", "sub/d")}
    assert not list((parts / "staging").iterdir())

    again = Here()
    second = run(parts, again)
    assert again.done == []
    assert second.kept == 4
    assert second.subjects == first.subjects

    (parts / "out" / "a.gcode").unlink()
    (parts / "out" / "b.gcode").write_bytes(b"; changed by hand")
    (parts / "parts" / "sub" / "c.stl").write_bytes(b"another model")
    third = Here()
    run(parts, third)
    assert sorted(third.done) == ["a.stl", "b.stl", "sub/c.stl"]
    assert programs(parts) == whole | {"sub/c.gcode": b"; another model"}


@pytest.mark.parametrize(
    "change", [{"request": "another"}, {"tool": replace(TOOL, dependencies=(("numpy", "3"),))}]
)
def test_another_request_or_another_wheel_makes_all_anew(parts: Path, change: Any) -> None:
    run(parts, Here())
    crew = Here()
    run(parts, crew, **change)
    assert len(crew.done) == 4


@pytest.mark.parametrize("after", range(5))
def test_a_run_that_is_stopped_goes_on_where_it_was(parts: Path, after: int) -> None:
    class Stopped(Here):
        def each(self, function: Any, tasks: Any, *, shared: Any, done: Any) -> None:
            def counted(number: int, answer: Any) -> None:
                if number == after:
                    raise KeyboardInterrupt
                done(number, answer)

            super().each(function, tasks, shared=shared, done=counted)

    if after < 4:
        with pytest.raises(KeyboardInterrupt):
            run(parts, Stopped())
    else:
        run(parts, Stopped())
    crew = Here()
    found = run(parts, crew)
    assert found.kept == after
    assert len(crew.done) == 4 - after
    assert len(programs(parts)) == 4


def test_one_bad_file_is_told_of_and_the_others_are_done(parts: Path) -> None:
    (parts / "parts" / "b.stl").write_bytes(b"refused")
    crew = Here()
    found = {s.name: s for s in run(parts, crew).subjects}
    assert [s.exit_code for s in found.values()] == [0, 4, 0, 0]
    problem = found["b.stl"].problem
    assert problem is not None
    assert "no model" in problem.message
    assert found["b.stl"].sha256 == hashlib.sha256(b"refused").hexdigest()
    # What failed on the way is tried again.
    again = Here()
    run(parts, again)
    assert again.done == ["b.stl"]


def test_models_that_are_alike_each_have_their_program(parts: Path) -> None:
    for name in ("a", "b", "sub/c"):
        (parts / "parts" / f"{name}.stl").write_bytes(b"the same")

    class AllAtOnce(Here):
        """Every worker is ready before the first answer is looked at."""

        def each(self, function: Any, tasks: Any, *, shared: Any, done: Any) -> None:
            answers = [function(shared, task) for task in tasks]
            for number, answer in enumerate(answers):
                done(number, answer)

    assert [s.exit_code for s in run(parts, AllAtOnce()).subjects] == [0] * 4
    assert len(set(programs(parts).values())) == 2


def own_request(requests: dict[str, str]) -> Callable[[InputFile], Own]:
    def own(file: InputFile) -> Own:
        if file.name not in requests:
            raise InputError(said("there is no order"))
        return Own(f"job of {file.name}", requests[file.name], None)

    return own


def test_what_is_asked_of_a_file_alone_counts_for_it_alone(parts: Path) -> None:
    told: dict[str, Any] = {}

    def seen(ask: Ask, answer: Answer) -> Answer:
        told[ask.name] = ask.own
        return answer

    asked = {"a.stl": "1", "b.stl": "2", "sub/c.stl": "3"}
    found = run(parts, Here(), seen, own=own_request(asked))
    assert [s.exit_code for s in found.subjects] == [0, 0, 0, 4]
    assert told == {name: f"job of {name}" for name in asked}
    crew = Here()
    run(parts, crew, seen, own=own_request(asked | {"b.stl": "another", "sub/d.stl": "4"}))
    assert sorted(crew.done) == ["b.stl", "sub/d.stl"]


def test_a_summary_keeps_what_a_reader_must_know(parts: Path) -> None:
    subject = run(parts, Here()).subjects[0]
    assert [f.rule_id for s in subject.sections for f in s.findings] == ["A-2"]
    assert subject.sections[0].outcome is Verdict.PASSED


def test_of_very_many_files_those_that_pass_are_one_line_each(
    parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (parts / "parts" / "b.stl").write_bytes(b"refused")
    monkeypatch.setattr("printstd.batch.run._IN_FULL", 3)
    found = run(parts, Here()).subjects
    assert [s.exit_code for s in found] == [0, 4, 0, 0]
    assert found[1].problem is not None
    passed = [s for s in found if not s.exit_code]
    assert all(s.sections[0].outcome is Verdict.PASSED for s in passed)
    assert not any(f for s in passed for section in s.sections for f in section.findings)
    assert len({id(s.sections[0]) for s in passed}) == 1


def foreign(ask: Ask, answer: Answer, **values: Any) -> Answer:
    return replace(answer, **values) if ask.name == "a.stl" else answer


def elsewhere(ask: Ask, answer: Answer, place: str) -> Answer:
    """Something that lies there in the staging folder, and is to go to another place."""
    (product,) = answer.products
    if ask.name == "a.stl":
        left = Path(ask.staging or "")
        own = left / staged_name(product.place, product.sha256)
        (left / staged_name(place, product.sha256)).write_bytes(own.read_bytes())
    return foreign(ask, answer, products=(replace(product, place=place),))


@pytest.mark.parametrize(
    "change",
    [
        lambda ask, answer: foreign(ask, answer, tool_sha256="6" * 64),
        lambda ask, answer: foreign(ask, answer, input_sha256="6" * 64),
        lambda ask, answer: elsewhere(ask, answer, "/etc/a.gcode"),
        lambda ask, answer: elsewhere(ask, answer, str(Path(ask.product).with_name("b.gcode"))),
        lambda ask, answer: elsewhere(ask, answer, f"{ask.product}/../../x.gcode"),
        lambda ask, answer: foreign(
            ask, answer, products=(Product(ask.product, "../../parts/a.stl"),)
        ),
        lambda ask, answer: foreign(ask, answer, products=(Product(ask.product, "7" * 64),)),
        lambda ask, answer: foreign(
            ask, answer, products=(replace(answer.products[0], role="statement"),)
        ),
    ],
)
def test_an_answer_to_something_else_is_refused_and_not_kept(parts: Path, change: Any) -> None:
    found = {s.name: s for s in run(parts, Here(), change).subjects}
    assert found["a.stl"].exit_code in (4, 7)
    assert sorted(programs(parts)) == ["b.gcode", "sub/c.gcode", "sub/d.gcode"]
    assert (parts / "parts" / "a.stl").read_bytes() == b"a" * 9
    crew = Here()
    run(parts, crew)
    assert crew.done == ["a.stl"]


def test_an_answer_that_is_none_is_refused(parts: Path) -> None:
    class Garbling(Here):
        def each(self, function: Any, tasks: Any, *, shared: Any, done: Any) -> None:
            for number, _ in enumerate(tasks):
                done(number, b"\x00" * number)

    assert {s.exit_code for s in run(parts, Garbling()).subjects} == {7}
    assert programs(parts) == {}


def test_results_that_were_cut_or_moved_are_as_good_as_none(parts: Path) -> None:
    run(parts, Here())
    kept = sorted((parts / "kept").rglob("*.result"))
    kept[0].write_bytes(kept[0].read_bytes()[:-1])
    kept[1].write_bytes(kept[2].read_bytes())
    crew = Here()
    assert run(parts, crew).kept == 2
    assert len(crew.done) == 2


def test_a_folder_in_which_everybody_may_write_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(OutsideError, match="cannot be used"):
        ResultFolder(folder)
