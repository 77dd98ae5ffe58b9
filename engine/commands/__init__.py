"""The command line, one file per sub-command.

A command's module has `add_arguments(parser)`, `run(args, report)`, which returns the result (what `--json`
prints), and may have `show(result)`, the same for people. It is imported only when it is asked for.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import sys
import traceback
import warnings
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from engine.checks import InputError
from engine.commands.output import ProgressLine, only_results_on_stdout, plain, to_json
from engine.job import Cancelled

if TYPE_CHECKING:
    from engine.commands.saving import Saving

OK, FAILED, REFUSED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
COMMANDS = {
    "predict": ("engine.commands.predict", "what a model hears in a file, moment by moment"),
    "explain": ("engine.commands.explain", "why the model says so: weights, pictures, sounds"),
    "maximise": ("engine.commands.maximise", "synthesise what a neuron answers to, as pictures and as sound"),
    "layers": ("engine.commands.layers", "layers and neurons of a model"),
    "attack": ("engine.commands.attack", "fool a model with a change that is hardly heard; a file, or a folder"),
    "dissect": ("engine.commands.dissect", "what a model goes by: change a sound in a known way and ask again"),
    "horse": ("engine.commands.horse", "plant a confound in made-up music, and see which method finds it"),
    "evaluate": ("engine.commands.evaluate", "a model's scores on a folder of audio and labels"),
    "train": ("engine.commands.train", "train a model from a folder of audio and labels"),
    "fills": ("engine.commands.fills", "which fill finds the segments that are known to matter"),
    "score": ("engine.commands.score", "a tune in ABC as a score, MIDI, MusicXML or sound"),
    "compose": ("engine.commands.compose", "new folk tunes in ABC, by a network"),
    "folk-stats": ("engine.commands.folk_stats", "generated tunes beside those that were learnt from"),
    "batch": ("engine.commands.batch", "a question put to all files of a folder, on all cores or a cluster"),
    "replay": ("engine.commands.replay", "ask all questions of a saved session again, and compare the answers"),
    "report": ("engine.commands.report", "all results of a saved session as one page to look at and listen to"),
    "bench": ("engine.commands.bench", "speed against other packages, on this machine"),
    "demo": ("engine.commands.demo", "explain a bundled clip"),
    "install-desktop": ("engine.commands.install_desktop", "put Otoscope into the menu of the desktop (Linux)"),
}
"""Name -> module and one line of help."""
OF_SESSIONS = ("replay", "report")     # they answer about a session, and add nothing to one


class Parser(argparse.ArgumentParser):
    """Refuses in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")

    def print_help(self, file: object = None) -> NoReturn:
        raise HelpAsked(self.format_help())


class HelpAsked(Exception):
    """The help of a command is the result."""


class Unsaved(Exception):
    """There is a result, which is printed, but it could not be saved."""

    def __init__(self, text: str, reason: Exception) -> None:
        super().__init__(str(reason))
        self.text, self.reason = text, reason


def run(argv: list[str]) -> int:
    """Run the sub-command named first in `argv`, with the rest as its arguments.

    Returns
    -------
    int
        The exit code: 0; 1 for a failure of ours, 2 for unusable input, each with one sentence on stderr;
        130 when interrupted.
    """
    if argv[:1] in ([], ["-h"], ["--help"]):
        sys.stdout.write(overview())
        return OK
    debug = "--debug" in argv
    progress = ProgressLine(sys.stderr)
    try:
        with only_results_on_stdout() as out, warnings.catch_warnings():
            if not debug:
                warnings.simplefilter("ignore")
            text = answer(argv[0], argv[1:], progress)
    except HelpAsked as asked:
        text = str(asked).rstrip()
    except Unsaved as unsaved:
        progress.close()
        return write(unsaved.text, out) or refuse(*sentence(unsaved.reason), progress)
    except (KeyboardInterrupt, Cancelled):
        return refuse("interrupted", INTERRUPTED, progress)
    except Exception as error:
        if debug:
            traceback.print_exc()
        return refuse(*sentence(error), progress)
    progress.close()
    return write(text, out)


def answer(name: str, arguments: list[str], progress: ProgressLine) -> str:
    """The text of a command's result, as JSON or for people; with --save it goes into a session, too."""
    module = command(name)
    args = parser_of(name).parse_args(arguments)
    asked = dict(vars(args))
    saving = saving_to(asked["save"]) if asked.get("save") is not None else None
    result: Any = module.run(args, progress)
    text = str(module.show(result)) if hasattr(module, "show") and not args.json else to_json(result)
    if saving is not None:
        try:
            saving.keep(name, asked, plain(result), progress)
        except (InputError, OSError) as error:
            raise Unsaved(text, error) from error
    return text


def saving_to(name: str) -> Saving:
    """The session that --save names; what that needs is installed only once a command is run."""
    saving: Saving = importlib.import_module("engine.commands.saving").Saving.to(name)
    return saving


def parser_of(name: str) -> Parser:
    """The parser of a command's options: its own, and those that all commands have."""
    module = command(name)
    parser = Parser(prog=f"main.py {name}", description=module.__doc__, allow_abbrev=False,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    module.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    if name not in OF_SESSIONS:
        parser.add_argument("--save", metavar="FILE.oto", help="add question and answer to a session, which is made if "
                                                               "need be; `replay` and `report` read it")
    parser.add_argument("--debug", action="store_true", help="show warnings, and where an error arose")
    return parser


def command(name: str) -> ModuleType:
    """The module of a command, by its name."""
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; see main.py --help"
        raise InputError(f"expected an audio file or a command, got {name!r}, which is neither{hint}")
    return importlib.import_module(COMMANDS[name][0])


def overview() -> str:
    """The help for the whole program."""
    lines = [f"  {name:<15} {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join([
        "usage: main.py [FILE ...]            open the window, with these files",
        "       main.py COMMAND ... [--json]  run a command; COMMAND --help tells its options",
        "       main.py COMMAND ... --save FILE.oto   and keep question and answer in a session",
        "       main.py test                  check Otoscope itself",
        "", "commands:", *lines, "",
    ])


def sentence(error: Exception) -> tuple[str, int]:
    """What to tell people about `error`, and the exit code."""
    if isinstance(error, InputError):
        return str(error), REFUSED
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}", REFUSED
    if isinstance(error, MemoryError):
        return "there is not enough memory for this; try a shorter file or fewer samples", FAILED
    first = (str(error).strip() or "no message").splitlines()[0]
    return f"this should not happen ({type(error).__name__}: {first}); --debug shows where", FAILED


def refuse(message: str, code: int, progress: ProgressLine) -> int:
    """Say why in one line on stderr."""
    progress.close()
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"otoscope: {' '.join(message.split())}\n")
    return code


def write(text: str, out: TextIO) -> int:
    """Print the result, as UTF-8 wherever it goes; a stray byte of a file name becomes JSON's \\udc.. escape."""
    left = memoryview(f"{text}\n".encode(errors="backslashreplace"))
    try:
        while left:  # an unbuffered stdout may take less than it is given
            left = left[out.buffer.write(left):]
        out.flush()
    except BrokenPipeError:
        with contextlib.suppress(OSError):  # so that Python's own flush at exit has nothing to complain of
            out.close()
        return PIPE_CLOSED
    return OK
