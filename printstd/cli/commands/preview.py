"""`printstd preview`: the layers of a program by role, as a picture or a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language, translate
from printstd.errors import UsageError
from printstd.words import said

if TYPE_CHECKING:
    from printstd.report.document import Fact, Subject
    from printstd.report.laid import Laid

FORMS: Final = (".png", ".html")
_LAYERS: Final = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


def preview(
    program: Annotated[
        Path,
        typer.Argument(metavar="OUT.gcode", help="The G-code to draw.", show_default=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="LAYERS.png|.html",
            help="A sheet of layers, or a page to look through them all.",
            show_default=False,
        ),
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(
            "--layers",
            metavar="LIST",
            help="Layers to draw, from 0, e.g. 0,10,20-25.",
            show_default="nine over the height in a picture, all in a page",
        ),
    ] = None,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Draw what a program lays down, layer by layer and by role, whoever made it.

    Beads are read as the audit reads them: width from filament and height. What a bead is for is
    what the program's comments say; what they do not name is grey.
    """
    from printstd.adapters.progress import progress_for
    from printstd.cli.places import settle
    from printstd.cli.running import deliver, document_of, over_inputs, shown

    place = _place(output)
    wanted = parse_layers(layers)
    settle([place, *([report] if report else [])], inputs=[program])
    products: dict[Path, bytes] = {}

    def one(path: Path) -> Subject:
        import hashlib

        from printstd import pipeline
        from printstd.cli.carriers import program_in
        from printstd.report.document import Subject
        from printstd.report.laid import laid_by_layer

        data = program_in(path)
        with progress_for(quiet=quiet, translate=translate()) as progress:
            progress.stage(said("preview"), 2)
            laid = laid_by_layer(pipeline.read_program(data, name=shown(path)))
            progress.advance()
            chosen = laid.chosen(chosen_layers(wanted, len(laid), place.suffix.lower()))
            products[place] = _drawn(chosen, shown(path.name), place.suffix.lower())
            progress.advance()
        digest = hashlib.sha256(data).hexdigest()
        rows = laid_rows(laid, chosen)
        return Subject(shown(path.name), digest, rows, (), (shown(place),), None, 0)

    subjects = over_inputs([program], one)
    document = document_of("preview", subjects, None)
    return deliver(document, form=form, file=report, quiet=quiet, products=products, redact=redact)


def _place(output: Path | None) -> Path:
    """Where the product goes; UsageError where that is not said, or its form is not known."""
    if output is not None and output.suffix.lower() in FORMS:
        return output
    raise UsageError(
        said("say where the picture goes and what it is"),
        got=f"-o {output}" if output is not None else said("no -o"),
        wanted=said("-o FILE.png for a sheet of layers, or -o FILE.html for a page"),
        hint=said("e.g. `printstd preview part.gcode -o part.html`"),
    )


def parse_layers(text: str | None) -> list[tuple[int, int]] | None:
    """The runs (first, last) of a list such as 0,10,20-25; UsageError where it is none."""
    if text is None:
        return None
    runs = []
    for piece in text.split(","):
        match = _LAYERS.fullmatch(piece.strip())
        first = int(match.group(1)) if match else 0
        last = int(match.group(2) or first) if match else -1
        if last < first:
            raise UsageError(
                said("--layers: no list of layers"),
                got=text or "nothing",
                wanted=said("numbers and rising ranges from 0, with commas"),
                hint=said("e.g. --layers 0,10,20-25"),
            )
        runs.append((first, last))
    return runs


def chosen_layers(wanted: list[tuple[int, int]] | None, count: int, form: str) -> list[int]:
    """Rising indices of the layers to draw; UsageError where there is no such layer, or more
    than a sheet holds."""
    from printstd.report.layer_sheet import MOST_LAYERS, USUAL_LAYERS

    if wanted is None:
        if form == ".html" or count <= USUAL_LAYERS:
            return list(range(count))
        return [i * (count - 1) // (USUAL_LAYERS - 1) for i in range(USUAL_LAYERS)]
    highest = max(last for _, last in wanted)
    if highest >= count:
        raise UsageError(
            said("--layers: the program has no such layer"),
            got=str(highest),
            wanted=said(
                "0 to {last}: the program has {layers} layers", last=count - 1, layers=count
            ),
            hint=said("leave it out for layers over the whole height"),
        )
    layers = sorted({i for first, last in wanted for i in range(first, last + 1)})
    if form == ".png" and len(layers) > MOST_LAYERS:
        raise UsageError(
            said("--layers: too many for one picture"),
            got=str(len(layers)),
            wanted=said("at most {most}", most=MOST_LAYERS),
            hint=said("name fewer, or write a page: -o FILE.html"),
        )
    return layers


def _drawn(laid: Laid, title: str, form: str) -> bytes:
    if form == ".html":
        from printstd.adapters.page_files import viewer_texts
        from printstd.report.layer_page import layer_page

        return layer_page(laid, title, viewer_texts())
    from printstd.report.layer_sheet import sheet_png

    return sheet_png(laid)


def laid_rows(laid: Laid, chosen: Laid) -> tuple[Fact, ...]:
    """What the program lays, and what of it is drawn, as facts."""
    from printstd.report.document import Fact
    from printstd.report.role_colours import NAMES

    return (
        Fact(
            said("layers"),
            said(
                "{count}, {top_mm:.3f} mm high", count=len(laid), top_mm=int(laid.top_um[-1]) / 1000
            ),
        ),
        Fact(said("drawn"), said("{count} of them", count=len(chosen))),
        *(
            Fact(NAMES[role], said("{length_m:.3f} m", length_m=laid.length_um(role) / 1e6))
            for role in laid.roles
        ),
    )
