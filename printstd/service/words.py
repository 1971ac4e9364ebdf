"""What the page says, in one place: the page itself holds keys alone."""

from __future__ import annotations

from typing import Final

from printstd.words import Translate, said, text_of

LANGUAGES: Final = ("en", "ru", "kk")

PAGE: Final = {
    "title": said("Print farm"),
    "printers": said("Printers"),
    "queue": said("Queue"),
    "new_part": said("New part"),
    "spools": said("Filament"),
    "history": said("History"),
    "log_in": said("Log in"),
    "log_out": said("Log out"),
    "user": said("User"),
    "password": said("Password"),
    "language": said("Language"),
    "drop": said("Drop a model here, or choose a file"),
    "printer": said("Printer"),
    "pack": said("Standard"),
    "class": said("Class"),
    "material": said("Material"),
    "process": said("Process"),
    "order": said("Order record (optional)"),
    "check": said("Check it"),
    "checking": said("Checking..."),
    "findings": said("Findings"),
    "model_3d": said("The model in 3D, with its findings"),
    "certify": said("Certify"),
    "certifying": said("Making the program, auditing and signing it..."),
    "certified": said("Certified"),
    "enqueue": said("Put it into the queue"),
    "copies": said("Copies"),
    "priority": said("Priority"),
    "queued_as": said("In the queue as"),
    "failed": said("This did not work"),
    "job": said("Job"),
    "print": said("Print"),
    "state": said("State"),
    "why": said("Why does it wait?"),
    "reason": said("Reason"),
    "certificate": said("Certificate"),
    "progress": said("Progress"),
    "layer": said("Layer"),
    "ready": said("The bed is clear"),
    "bad": said("Not good"),
    "pause": said("Pause"),
    "resume": said("Go on"),
    "cancel": said("Cancel"),
    "really_cancel": said("Really cancel?"),
    "loaded": said("Loaded"),
    "left": said("Left"),
    "live": said("live"),
    "not_live": said("connecting..."),
    "nothing": said("Nothing here yet."),
    "before": said("Back"),
    "next": said("Next"),
    "verdict": said("Verdict"),
    "PASSED": said("passed"),
    "FAILED": said("failed"),
    "UNDECIDED": said("undecided"),
    "time": said("Time"),
    "by": said("By"),
    "what": said("What"),
    "about": said("About"),
    "skip": said("To the content"),
    # States of a print and of a printer.
    "queued": said("waits"),
    "held": said("held"),
    "matched": said("has a printer"),
    "verifying": said("being verified"),
    "uploading": said("on its way"),
    "starting": said("starting"),
    "printing": said("printing"),
    "paused": said("paused"),
    "lost": said("lost sight of"),
    "finishing": said("finishing"),
    "awaiting_clear": said("lies on the bed"),
    "done": said("done"),
    "cancelled": said("cancelled"),
    "idle": said("free"),
    "busy": said("busy"),
    "offline": said("offline"),
    "error": said("stopped by an error"),
    "silent": said("does not answer"),
    "never seen": said("never seen"),
    "wrong_login": said("This user or this password is not right."),
    "wait_login": said("Too many attempts; try again later."),
}


def page_words(translate: Translate) -> dict[str, str]:
    return {key: text_of(sentence, translate) for key, sentence in PAGE.items()}


def chosen(cookie: str | None, accepted: str | None) -> str:
    """The language of an answer: what was chosen, else the first that the browser asks for."""
    if cookie in LANGUAGES:
        return cookie
    weighed = []
    for place, part in enumerate((accepted or "")[:400].split(",")):
        name, _, weight = part.strip().partition(";q=")
        code = name.strip().lower().split("-")[0]
        try:
            weighed.append((-float(weight or 1), place, code))
        except ValueError:
            continue
    for _, _, code in sorted(weighed):
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]
