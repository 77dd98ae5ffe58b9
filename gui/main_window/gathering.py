"""From what pages hold to a session, and from a session to what each page gets back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from engine.checks import InputError
from engine.job import Report, silent
from engine.models import catalogue
from engine.sessions import AudioRef, Json, Result, Session, reference, versions
from gui.main_window.pages import Page
from gui.session import Held, Kept, Later, refreshed

WINDOW = "window"       # what the view says of the window itself
COMPOSE = "Compose"     # takes tunes that no page has a claim on


@dataclass(frozen=True)
class Snapshot:
    """All that is open at one moment.

    Parameters
    ----------
    pages
        Title -> what the page holds; or what the session had of one that nobody has visited.
    rest
        Of the session file: what no page has a claim on.
    refs
        Key -> file, of all that the session file named.
    sight
        Title of the page in sight.
    path
        Of the session file; empty where there is none yet.
    unkept
        Title -> why what the page holds now is not in here; `pages` has what it held before.
    """

    pages: Mapping[str, Kept | Held] = field(default_factory=dict)
    rest: Session = field(default_factory=Session)
    refs: Mapping[str, AudioRef] = field(default_factory=dict)
    sight: str = ""
    path: str = ""
    unkept: Mapping[str, Exception] = field(default_factory=dict, compare=False)

    @property
    def complaints(self) -> tuple[str, ...]:
        """A sentence on each page that could not say what it holds."""
        return tuple(f"{title}: what is there now could not be kept ({type(error).__name__}: {error}); what was kept "
                     "of it before stays" for title, error in self.unkept.items())

    @property
    def core(self) -> dict[str, Kept | Held]:
        """What somebody did, page by page."""
        return {title: one.core() if isinstance(one, Kept) else one for title, one in self.pages.items()}

    @property
    def found(self) -> list[object]:
        """The results."""
        return [result for one in self.pages.values() for result in one.results]


def gathered(pages: Iterable[Page], before: Snapshot, *, sight: str, path: str) -> Snapshot:
    """What is open now, with what was made of it for the last snapshot; nothing is made on the window's thread.

    A page that fails takes no other along: what was there of it before stays.
    """
    known = {one: one for kept in before.pages.values() if isinstance(kept, Kept)
             for one in cast("tuple[Later[Any], ...]", (*kept.results, *kept.tunes, *kept.trials, *kept.assets))}
    found, unkept = dict(before.pages), dict[str, Exception]()
    for page in pages:
        try:
            kept = page.keep()
        except Exception as error:      # whatever it is, the work on the other pages is not lost for it
            unkept[page.title] = error
            continue
        if kept is not None:
            found[page.title] = replace(
                kept, results=refreshed(kept.results, known), tunes=refreshed(kept.tunes, known),
                trials=refreshed(kept.trials, known), assets=refreshed(kept.assets, known))
    return replace(before, pages=found, sight=sight, path=path, unkept=unkept)


# a session of it: on an engine's thread


class Maker:
    """Collects what pages hold into the rooms of a session."""

    def __init__(self, snapshot: Snapshot, report: Report) -> None:
        self._refs, self._report, rest = snapshot.refs, report, snapshot.rest
        self.audio: dict[str, AudioRef] = dict(rest.audio)
        self.results, self.trials = list(rest.results), list(rest.trials)
        self.tunes, self.assets = dict(rest.tunes), dict(rest.assets)
        self.view: dict[str, Mapping[str, Json]] = dict(rest.view)

    def add(self, title: str, one: Kept | Held) -> None:
        """One page; what it calls its own is said in the view."""
        held = one if isinstance(one, Held) else _held(one)
        files = {name: self._file(path) for name, path in held.files.items()}
        own: dict[str, Json] = {"files": files | {name: self._lost(ref) for name, ref in held.lost.items()}}
        own["results"] = [[len(self.results) + n, one.command] for n, one in enumerate(held.results)]
        own["trials"] = [len(self.trials) + n for n in range(len(held.trials))]
        own["tunes"] = list(held.tunes)
        self.results += [self._with_keys(result) for result in held.results]
        self.trials += held.trials
        self.tunes |= held.tunes
        self.assets |= {f"{title}/{name}": content for name, content in held.assets.items()}
        self.view[title] = {"work": dict(held.work), "sight": dict(held.sight), **own}

    def _with_keys(self, result: Result) -> Result:
        said = {name: self._file(value) if isinstance(value, Path) else value
                for name, value in result.arguments.items()}
        if (card := catalogue.own().get(str(said.get("model")))) is not None:   # a name that only this window knows
            said["model"] = {"path": str(card)}
        return replace(result, arguments=said)

    def _file(self, path: Path) -> Json:
        """How a session names a file: by its content; a folder, and what is gone, by its path."""
        try:
            found = None if path.is_dir() else reference(path, report=self._report)
        except InputError:
            found = None
        return {"path": str(path.absolute())} if found is None else self._lost(found)

    def _lost(self, what: AudioRef | Path) -> Json:
        if isinstance(what, Path):
            return {"path": str(what)}
        before = self._refs.get(what.key, what)
        self.audio[what.key] = replace(what, name=before.name, copied=before.copied)
        return {"audio": what.key}

    def session(self, sight: str, path: str) -> Session:
        """All of it."""
        named = {key for result in self.results for key in _keys(result.arguments.values())}
        audio = {key: ref for key, ref in self._refs.items() if key in named} | self.audio
        return Session(tuple(self.results), audio, self.tunes, tuple(self.trials),
                       {**self.view, WINDOW: {"page": sight, "session": path}}, self.assets, versions())


def _held(kept: Kept) -> Held:
    return Held(kept.work, kept.sight, kept.files, tuple(one.made for one in kept.results if one.made is not None),
                {one.name: one.made for one in kept.tunes}, tuple(one.made for one in kept.trials),
                {one.name: one.made for one in kept.assets})


def _keys(values: Iterable[Json]) -> set[str]:
    """Files that are named among these values."""
    return {str(value["audio"]) for value in values if isinstance(value, Mapping) and "audio" in value}


def session_of(snapshot: Snapshot, report: Report = silent) -> Session:
    """What is written; files are hashed the first time."""
    maker = Maker(snapshot, report)
    for title, one in snapshot.pages.items():
        maker.add(title, one)
    return maker.session(snapshot.sight, snapshot.path)


def session_path(session: Session) -> Path | None:
    """The session file that an autosave belongs to; None where there was none."""
    path = session.view.get(WINDOW, {}).get("session")
    return Path(path) if isinstance(path, str) and path else None


def session_name(session: Session) -> str:
    """Its name; empty where there was none."""
    path = session_path(session)
    return path.name if path is not None else ""


# and back


def handed_out(session: Session, titles: Iterable[str]) -> Snapshot:
    """What each page gets, and what is left."""
    known = set(titles)
    pages = {title: _given(session, title, view) for title, view in session.view.items() if title in known}
    loose = {name: text for name, text in session.tunes.items()
             if not any(name in held.tunes for held in pages.values())}
    if loose and COMPOSE in known:
        before = pages.get(COMPOSE, Held())
        pages[COMPOSE] = replace(before, tunes={**before.tunes, **loose})
        loose = {}
    claimed = {id(one) for held in pages.values() for one in (*held.results, *held.trials)}
    prefixes = tuple(f"{title}/" for title in pages)
    wanted = session.view.get(WINDOW, {}).get("page")
    return Snapshot(dict[str, Kept | Held](pages), Session(
        tuple(one for one in session.results if id(one) not in claimed), _unnamed(session), loose,
        tuple(one for one in session.trials if id(one) not in claimed),
        {title: view for title, view in session.view.items() if title not in pages and title != WINDOW},
        {name: content for name, content in session.assets.items() if not name.startswith(prefixes)}),
        session.audio, wanted if wanted in known else next(iter(pages), ""))


def _unnamed(session: Session) -> dict[str, AudioRef]:
    """Files that neither a result nor a page names; whoever put them there wants them."""
    named = {key for result in session.results for key in _keys(result.arguments.values())}
    for view in session.view.values():
        files = view.get("files")
        named |= _keys(files.values()) if isinstance(files, Mapping) else set()
    return {key: ref for key, ref in session.audio.items() if key not in named}


def _given(session: Session, title: str, view: Mapping[str, Json]) -> Held:
    """One page's part; whatever in it is damaged is as good as not there."""
    def mapping(name: str) -> Mapping[str, Json]:
        value = view.get(name)
        return value if isinstance(value, Mapping) else {}

    def listed(name: str) -> list[Json]:
        value = view.get(name)
        return value if isinstance(value, list) else []

    places = {name: place for name, said in mapping("files").items() if (place := _place(said, session)) is not None}
    paths = {name: place.path if isinstance(place, AudioRef) else place for name, place in places.items()}
    prefix = f"{title}/"
    return Held(
        mapping("work"), mapping("sight"), {name: path for name, path in paths.items() if path.exists()},
        tuple(one for place, one in enumerate(session.results) if [place, one.command] in listed("results")),
        {name: session.tunes[name] for name in listed("tunes") if isinstance(name, str) and name in session.tunes},
        tuple(one for place, one in enumerate(session.trials) if place in listed("trials")),
        {name.removeprefix(prefix): content for name, content in session.assets.items() if name.startswith(prefix)},
        {name: place for name, place in places.items() if not paths[name].exists()})


def _place(said: Json, session: Session) -> AudioRef | Path | None:
    """What a page's name for a file stands for."""
    if not isinstance(said, Mapping):
        return None
    return session.audio.get(str(said.get("audio"))) or (Path(str(said["path"])) if "path" in said else None)
