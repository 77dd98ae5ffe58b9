"""Sessions that would take more memory or time than there is."""

import json
import zipfile

import pytest

from engine.checks import InputError
from engine.job import Cancelled
from engine.sessions import Session, archive, read, write
from engine.sessions.differences import differences
from engine.sessions.fields import quoted

TUNE = "X:1\nT:A\nK:C\nabc|\n"


def session_of(path, parts, **fields):
    said = {"format": "otoscope-session", "version": 1, **fields}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("session.json", json.dumps(said))
        for name, content in parts.items():
            made.writestr(name, content)
    return path


def test_one_part_under_many_names_is_read_once(tmp_path):
    names = {f"t{i}": "tunes/a.abc" for i in range(1000)}
    found = read(session_of(tmp_path / "s.oto", {"tunes/a.abc": TUNE}, tunes=names, assets={"a": "tunes/a.abc"}))
    assert dict(found.session.tunes) == {"t0": TUNE}
    assert "'t1' of the session's tunes is a part that has a name already; it was left out." in found.missing
    assert not found.whole


def test_all_parts_together_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_HELD", 3000)
    path = session_of(tmp_path / "s.oto", {f"assets/{i}": bytes(1000) for i in range(4)},
                      assets={str(i): f"assets/{i}" for i in range(4)})
    found = read(path)
    assert sum(map(len, found.session.assets.values())) == 2000
    assert any("too many for the memory" in sentence for sentence in found.missing)
    assert not found.whole


def test_what_could_not_be_opened_again_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.sessions.writing.MOST_HELD", 3000)
    with pytest.raises(InputError, match="at most 0 MB can be opened again"):
        write(Session(assets={str(i): bytes(1000) for i in range(4)}), tmp_path / "s.oto")
    assert list(tmp_path.iterdir()) == []


def test_a_search_for_what_is_left_can_be_cancelled(tmp_path, monkeypatch):
    path = session_of(tmp_path / "s.oto", {})
    with open(path, "r+b") as file:
        file.truncate(1 << 28)      # and so the directory is not at the end
    heard = []

    def told(progress):
        heard.append(progress)
        if progress.done > 1 << 26:
            raise Cancelled

    with pytest.raises(Cancelled):
        read(path, report=told)
    assert heard[-1].total == 1 << 28
    assert len(heard) < 10


def test_how_fast_something_was_is_not_compared():
    assert not list(differences({"files_per_second": 1.0, "seconds": 2.0}, {"files_per_second": 0.5, "seconds": 3.0}))


@pytest.mark.parametrize(("name", "said"), [
    ("tunes/p.abc", "'tunes/p.abc'"), ("../../x", "'../../x'"), ("a\u202eb\nc\x1b[31m", "'a?b?c?[31m'"),
    ("x" * 500, f"'{'x' * 40}…{'x' * 40}'")])
def test_names_of_strangers_are_told_whole_and_between_quotes(name, said):
    assert quoted(name) == said
