"""From what pages hold to a file and back: nothing is made twice, nothing is lost that a page cannot use now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from engine.models import catalogue
from engine.sessions import AudioRef, Result, Session, read, write
from gui.main_window.gathering import Snapshot, gathered, handed_out, session_of
from gui.session import Held, Kept, Later, fitted, with_earlier

TITLES = ("Explain", "Compose")


@dataclass
class FakePage:
    """A page that holds what it is told to."""

    title: str
    held: Kept | None

    def keep(self) -> Kept | None:
        return self.held


def taken(*pages: FakePage, before: Snapshot | None = None) -> Snapshot:
    return gathered(pages, before or Snapshot(), sight="Explain", path="")  # type: ignore[arg-type]


def result(path: Path, command: str = "explain") -> Result:
    return Result(command, {"audio": path, "start": 1.0}, {"score": 0.5})


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.wav"
    path.write_bytes(b"not much of a sound, but a file")
    return path


@pytest.fixture
def explain(sound: Path) -> FakePage:
    found = result(sound)
    return FakePage("Explain", Kept(
        {"question": {"start": 1.0}}, {"tab": 2}, {"song": sound}, (Later("explain", (found,), lambda: found),),
        trials=(Later("abx", (found,), lambda: {"right": 9}),),
        assets=(Later("stroke-0.npy", (found,), lambda: b"abc"),)))


@pytest.fixture
def compose() -> FakePage:
    return FakePage("Compose", Kept({"tunes": ["0001 A"]}, tunes=(Later("0001 A", ("a",), lambda: "X:1\nT:A\n"),)))


@pytest.fixture
def session(explain: FakePage, compose: FakePage) -> Session:
    return session_of(taken(explain, compose))


# there and back


def test_a_page_gets_back_what_it_gave_through_a_file(session: Session, sound: Path, tmp_path: Path) -> None:
    write(session, tmp_path / "s.oto")
    opened = read(tmp_path / "s.oto")
    assert opened.missing == ()
    back = handed_out(opened.session, TITLES)
    assert back.sight == "Explain"
    explain, compose = back.pages["Explain"], back.pages["Compose"]
    assert isinstance(explain, Held)
    assert explain.work == {"question": {"start": 1.0}}
    assert explain.sight == {"tab": 2}
    assert explain.files == {"song": sound}
    assert explain.assets == {"stroke-0.npy": b"abc"}
    assert explain.trials == ({"right": 9},)
    assert [one.answer for one in explain.results] == [{"score": 0.5}]
    assert compose.tunes == {"0001 A": "X:1\nT:A\n"}
    assert back.rest == Session()


def test_a_result_names_its_file_by_its_content(session: Session, sound: Path) -> None:
    key, ref = next(iter(session.audio.items()))
    assert session.results[0].arguments == {"audio": {"audio": key}, "start": 1.0}
    assert ref.path == sound
    assert ref.key == key


def test_a_page_that_nobody_visits_is_written_as_it_was_read(session: Session) -> None:
    back = handed_out(session, TITLES)
    again = session_of(gathered([], back, sight="Explain", path=""))
    assert again == session


def test_what_no_page_knows_stays_in_the_file(session: Session) -> None:
    other = AudioRef("other.wav", Path("/nowhere/other.wav"), "f" * 64, 3, 1.0)
    more = replace(session, results=(Result("fills", {"vocal": {"audio": other.key}}, {"n": 1}), *session.results),
                   audio={**session.audio, other.key: other}, trials=({"right": 1}, *session.trials),
                   assets={**session.assets, "notes.txt": b"mine"}, view={**session.view, "Later page": {"work": {}}})
    own = more.view["Explain"]
    more = replace(more, view={**more.view, "Explain": {**own, "results": [[1, "explain"]], "trials": [1]}})
    again = session_of(gathered([], handed_out(more, TITLES), sight="Explain", path=""))
    assert again.audio == more.audio
    assert again.assets == more.assets
    assert sorted(one.command for one in again.results) == ["explain", "fills"]
    assert len(again.trials) == 2
    assert again.view["Later page"] == {"work": {}}


def test_tunes_that_belong_to_nobody_go_to_the_page_for_tunes() -> None:
    back = handed_out(Session(tunes={"new": "X:1\n"}), TITLES)
    assert back.pages["Compose"].tunes == {"new": "X:1\n"}
    assert back.rest.tunes == {}


def test_a_file_that_is_gone_is_not_forgotten(session: Session, sound: Path) -> None:
    sound.unlink()
    back = handed_out(session, TITLES)
    held = back.pages["Explain"]
    assert isinstance(held, Held)
    assert held.files == {}
    assert list(held.lost) == ["song"]
    again = session_of(gathered([FakePage("Explain", None)], back, sight="", path=""))  # type: ignore[list-item]
    assert again.audio == session.audio
    assert again.view["Explain"] == session.view["Explain"]
    assert again.results == session.results


def test_a_copy_stays_a_copy(explain: FakePage, session: Session) -> None:
    copied = {key: replace(ref, copied=True) for key, ref in session.audio.items()}
    back = handed_out(replace(session, audio=copied), TITLES)
    again = session_of(gathered([explain], back, sight="", path=""))  # type: ignore[list-item]
    assert all(ref.copied for ref in again.audio.values())


def test_a_model_of_ones_own_is_named_by_its_card(sound: Path, monkeypatch: pytest.MonkeyPatch,
                                                  tmp_path: Path) -> None:
    monkeypatch.setattr(catalogue, "own", lambda: {"mine": tmp_path / "mine.yaml"})
    asked = {name: replace(result(sound), arguments={"audio": sound, "model": name}) for name in ("mine", "svd")}
    page = FakePage("Explain", Kept(results=tuple(Later(name, (name,), lambda one=one: one)  # type: ignore[misc]
                                                  for name, one in asked.items())))
    models = [one.arguments["model"] for one in session_of(taken(page)).results]
    assert models == [{"path": str(tmp_path / "mine.yaml")}, "svd"]     # which `replay` knows, too


def test_a_folder_is_named_by_its_path(tmp_path: Path) -> None:
    page = FakePage("Explain", Kept(files={"song": tmp_path}))
    session = session_of(taken(page))
    assert session.audio == {}
    assert handed_out(session, TITLES).pages["Explain"].files == {"song": tmp_path}


@pytest.mark.parametrize("view", [
    {"work": 7, "sight": [1], "files": "x", "results": 3, "tunes": [{}, 4], "trials": None},
    {"files": {"song": {"audio": ["a"]}}, "results": [[0, "attack"], [99, "explain"], "x", -1], "trials": [-1, 5, "a"]},
    {"files": {"song": {"path": "\0"}}}, {}])
def test_a_damaged_view_gives_what_it_can(session: Session, view: dict[str, Any]) -> None:
    back = handed_out(replace(session, view={"Explain": view, "window": {"page": 3, "session": 4}}), TITLES)
    held = back.pages["Explain"]
    assert isinstance(held, Held)
    assert held.results == ()
    assert held.files == {}
    assert len(back.rest.results) == 1, "an answer that no page claims is kept"
    session_of(gathered([], back, sight="", path=""))


class BrokenPage(FakePage):
    """A page that cannot say what it holds."""

    def keep(self) -> Kept | None:
        raise KeyError("weights")


def test_a_page_that_fails_keeps_what_it_had_and_no_other_is_lost(explain: FakePage, compose: FakePage) -> None:
    first = taken(explain, compose)
    compose.held = Kept({"tunes": ["0001 A", "0002 B"]})
    after = taken(BrokenPage("Explain", None), compose, before=first)
    assert after.pages["Explain"] == first.pages["Explain"]
    assert after.pages["Compose"] == compose.held
    assert after.complaints == ("Explain: what is there now could not be kept (KeyError: 'weights'); what was kept of "
                                "it before stays",)
    assert session_of(after).view["Explain"] == session_of(first).view["Explain"]
    assert taken(explain, compose, before=after).complaints == ()


# what is made when


@pytest.fixture
def counted() -> tuple[FakePage, list[str]]:
    made: list[str] = []
    text = ["a"]

    def later(name: str, of: object) -> Later[str]:
        return Later(name, (of,), lambda: made.append(name) or "X:1\n")  # type: ignore[func-returns-value]

    page = FakePage("Compose", None)
    page.keep = lambda: Kept(tunes=(later("one", text), later("two", text if len(made) < 2 else made)))  # type: ignore
    return page, made


def test_only_what_has_changed_is_made_again(counted: tuple[FakePage, list[str]]) -> None:
    page, made = counted
    first = taken(page)
    assert made == [], "nothing is made on the window's thread"
    session_of(first)
    assert made == ["one", "two"]
    session_of(taken(page, before=first))
    assert made == ["one", "two", "two"]


def test_snapshots_of_the_same_are_equal_and_of_others_are_not(explain: FakePage, sound: Path) -> None:
    first, second = taken(explain), taken(explain)
    assert first == second
    assert explain.held is not None
    other = result(sound)
    explain.held = replace(explain.held, results=(Later("explain", (other,), lambda: other),))
    assert taken(explain) != first, "another answer, though it says the same"
    assert taken(explain).core == first.core, "an answer is nothing that somebody did"
    explain.held = replace(explain.held, work={"question": {"start": 2.0}})
    assert taken(explain).core != first.core


def test_looking_elsewhere_is_no_work(explain: FakePage) -> None:
    first = taken(explain)
    assert explain.held is not None
    explain.held = replace(explain.held, sight={"tab": 0})
    assert taken(explain) != first
    assert taken(explain).core == first.core


def test_what_was_found_before_stays_until_it_is_found_again(sound: Path) -> None:
    old, new = result(sound), result(sound)
    assert [one.made for one in with_earlier((), (old,))] == [old]
    assert [one.made for one in with_earlier((Later("explain", (new,), lambda: new),), (old,))] == [new]
    assert len(with_earlier((Later("predict", (new,), lambda: new),), (old,))) == 2


# values from a file


@dataclass(frozen=True)
class Wishes:
    name: str | None = None
    n: int = 4
    x: float = 1.0
    on: bool = False


@pytest.mark.parametrize(("said", "expected"), [
    ({"name": "a", "n": 2, "x": 2, "on": True}, Wishes("a", 2, 2.0, True)), ({"name": None}, Wishes()),
    ({"name": 3, "n": "2", "x": "y", "on": 1}, Wishes()), ({"n": True, "x": False}, Wishes()),
    ({"n": 2.5, "more": 1}, Wishes()), (None, Wishes()), ([1], Wishes())])
def test_only_fields_of_the_right_type_are_taken(said: object, expected: Wishes) -> None:
    assert fitted(Wishes(), said) == expected
