"""The `printstd` command: how a call is read, and the one place where errors end."""

from __future__ import annotations

import os
import signal
import sys
from types import ModuleType
from typing import Any, NoReturn

from printstd import __version__
from printstd.cli.plain import plainly_asked
from printstd.cli.speech import Language, asked_for, speak, tell
from printstd.cli.streams import forget_stdout, say, speak_utf8
from printstd.words import listed, said

# Profiles are judged by our models alone: nothing that happens to be installed hooks into them.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


class _Ended(KeyboardInterrupt):
    """The system asks the process to end: as with Ctrl-C, temporary files go first."""


def _end(signum: int, frame: object) -> NoReturn:
    raise _Ended


def main() -> None:
    """Entry point of the console script."""
    signal.signal(signal.SIGTERM, _end)
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Nothing outlives the call: products are in place, workers have been waited for. Taking the
    # interpreter and NumPy's threads apart would cost a sixth of a small slice.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """The exit code of one call. Every error ends here, as the contract says."""
    from printstd.errors import OutsideError, PrintstdError

    _leave_unread()
    speak_utf8()
    speak(Language.EN)
    try:
        code = _call(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        tell(said("printstd: stopped, nothing was left half-written"))
        return 143 if isinstance(stop, _Ended) else 130
    except _command_line_errors() as error:
        speak(asked_for(arguments))
        return _usage(error)
    except BrokenPipeError:
        # Whoever read our output has seen enough; there is nobody left to tell.
        forget_stdout()
        return 0
    except PrintstdError as error:
        tell(listed(("printstd", error.in_full()), ": "))
        return error.exit_code
    except (OSError, MemoryError) as error:
        forget_stdout()
        outside = OutsideError(
            said("the system refused"),
            where=getattr(error, "filename", None),
            got=getattr(error, "strerror", None) or said("there is not enough memory"),
            wanted=said("a disk, a memory and an output that take what is written"),
            hint=said("check the disk that standard output goes to, and the memory"),
        )
        tell(listed(("printstd", outside.in_full()), ": "))
        return outside.exit_code
    except Exception as error:
        return _our_bug(error)
    return code


def _leave_unread() -> None:
    """Keep two modules of libraries from being read by any command, a fifteenth of a small part's
    instructions: NumPy's texts of its help, which are put together for 350 functions, and
    pydantic's search for plugins, which reads what describes every installed package although
    plugins are off. Where a release has no such modules, nothing happens."""
    sys.modules.setdefault("numpy._core._add_newdocs", ModuleType("numpy._core._add_newdocs"))
    if os.environ.get("PYDANTIC_DISABLE_PLUGINS") == "__all__":
        loader: Any = ModuleType("pydantic.plugin._loader")
        loader.get_plugins = tuple
        sys.modules.setdefault("pydantic.plugin._loader", loader)


def _call(arguments: list[str]) -> int:
    asked = plainly_asked(arguments)
    if asked is not None:
        from printstd.cli.commands.slice_ import slice_models

        return slice_models(**asked)
    from printstd.cli.application import called

    return called(arguments)


def _command_line_errors() -> tuple[type[Exception], ...]:
    """What the library of options raises, if this call was read by it. It brings its own copy of
    click, older releases import it."""
    refused = getattr(sys.modules.get("typer"), "BadParameter", None)
    return () if refused is None else (refused.__mro__[2],)


def _usage(error: Any) -> int:
    """Exit 2: what is wrong with the call, in the words of every other error."""
    from printstd.errors import UsageError

    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "printstd"
    if type(error).__name__ == "NoArgsIsHelpError":
        say(error.format_message())
        return UsageError.exit_code
    # The values are coerced by a library that heads its sentences with its own name for them.
    what = error.format_message().replace("Value error, ", "").rstrip(".")
    shown = UsageError(
        what[:1].lower() + what[1:],
        where=command,
        wanted=" ".join(context.get_usage().split()[1:]) if context is not None else None,
        hint=said("`{command} --help` names every option", command=command),
    )
    tell(listed(("printstd", shown.in_full()), ": "))
    return shown.exit_code


def _our_bug(error: Exception) -> int:
    """Exit 70: say that it is ours, and give what a report needs."""
    import traceback

    say("".join(traceback.format_exception(error)).rstrip())
    tell(
        said(
            "printstd {version}: internal error ({kind}); this is our bug, nothing was left "
            "half-written. Please report it with the lines above.",
            version=__version__,
            kind=type(error).__name__,
        )
    )
    return 70


if __name__ == "__main__":
    main()
