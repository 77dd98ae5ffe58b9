"""Commands as they are typed, in this process."""

import json
import re

import pytest

from engine import commands


@pytest.fixture
def run(capfd):
    """Runs a command in this process: `run("predict", path)` -> exit code, stdout, stderr."""
    def command(*argv):
        code = commands.run([str(argument) for argument in argv])
        return code, *capfd.readouterr()
    return command


@pytest.fixture
def ask(run):
    """The JSON that a command prints, and prints alone."""
    def command(*argv):
        code, out, err = run(*argv, "--json")
        assert code == 0, err
        assert out.count("\n") == 1
        return json.loads(out, parse_constant=pytest.fail)  # NaN and Infinity are no JSON
    return command


@pytest.fixture
def refused(run):
    """The one sentence with which a command refuses."""
    def command(*argv):
        code, out, err = run(*argv)
        assert (code, out) == (2, "")
        assert re.fullmatch(r"otoscope: [^\n]+\n", err)
        return err
    return command
