"""The command line: ``darkdump``."""

import signal
import sys

from darkdump.errors import DarkdumpError

INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a mistake of the user is one line and exit code 2, an interruption 130."""
    import typer

    from darkdump.cli.app import app

    wrong_usage: type[Exception] = typer.BadParameter.__mro__[2]  # click's, whether typer brings its own or not
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = app(arguments, standalone_mode=False)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
    except DarkdumpError as error:
        code = _complain(str(error))
    except (typer.Abort, KeyboardInterrupt):
        code = _complain("interrupted; nothing was written", INTERRUPTED)
    except wrong_usage as error:
        line = getattr(error, "format_message", error.__str__)()
        code = _complain(line + _given(error)) if line.strip() else 2
    except OSError as error:
        code = _complain(f"{error.filename or 'output'}: {error.strerror}")
    sys.exit(code or 0)


def _given(error: Exception) -> str:
    """The value of an option that was refused, where typer knows it but leaves it out of its message."""
    errors = getattr(error.__cause__, "errors", None)
    return f", got {errors()[0]['input']!r}" if callable(errors) else ""


def _complain(line: str, code: int = 2) -> int:
    print(f"darkdump: {' '.join(line.split())}", file=sys.stderr)
    return code
