"""What a page gives to a session, and what it gets back.

A page is asked often, on the window's thread, so it hands over references to values that never change; bytes, text and
plain numbers are made of them on another thread, and only where they are others than the last time.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property, partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from engine.sessions.values import AudioRef, Json, Result

T = TypeVar("T")
Value = TypeVar("Value")


@dataclass(frozen=True, eq=False)
class Later(Generic[T]):
    """Something that is made of values that never change, once it is wanted; it equals what is made of the same ones.

    Parameters
    ----------
    name
        What it is, or what it is called.
    of
        The very values that it is made of.
    make
        Makes it, on any thread.
    """

    name: str
    of: tuple[object, ...]
    make: Callable[[], T]

    @cached_property
    def made(self) -> T:
        """The thing itself."""
        return self.make()

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Later) and self.name == other.name and len(self.of) == len(other.of)
                and all(a is b for a, b in zip(self.of, other.of, strict=True)))

    def __hash__(self) -> int:
        return hash((self.name, *map(id, self.of)))


@dataclass(frozen=True)
class Kept:
    """What a page holds at one moment.

    Parameters
    ----------
    work
        Settings and whatever else is edited: names and values, as JSON has them.
    sight
        What is looked at; nobody would miss it.
    files
        What the page calls a file or folder -> where it lies.
    results
        What it has found, each under the name of the command that answers the same, or a finer one; None is made
        where none does. A `Path` among the arguments is a file or a folder.
    tunes, trials, assets
        As in a `Session`, under the names that the page gives them.
    """

    work: Mapping[str, Json] = field(default_factory=dict)
    sight: Mapping[str, Json] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    results: tuple[Later[Result | None], ...] = ()
    tunes: tuple[Later[str], ...] = ()
    trials: tuple[Later[Mapping[str, Json]], ...] = ()
    assets: tuple[Later[bytes], ...] = ()

    def core(self) -> Kept:
        """What somebody did here: neither what is looked at, nor answers, which come by themselves."""
        return replace(self, sight={}, results=())


@dataclass(frozen=True)
class Held:
    """What a session file has of a page, as far as it could be read: the same fields as `Kept`.

    Parameters
    ----------
    lost
        What the page calls a file or folder that is not there any more -> what is known of it.
    """

    work: Mapping[str, Json] = field(default_factory=dict)
    sight: Mapping[str, Json] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    results: tuple[Result, ...] = ()
    tunes: Mapping[str, str] = field(default_factory=dict)
    trials: tuple[Mapping[str, Json], ...] = ()
    assets: Mapping[str, bytes] = field(default_factory=dict)
    lost: Mapping[str, AudioRef | Path] = field(default_factory=dict)


def refreshed(new: Iterable[Later[T]], known: Mapping[Later[Any], Later[Any]]) -> tuple[Later[T], ...]:
    """The same, and where one was there before, that one with what was made of it."""
    return tuple(known.get(one, one) for one in new)


def fitted(start: Value, said: Json) -> Value:
    """A dataclass with those fields from a file that are of the right type; the others stay as they are."""
    if not isinstance(said, Mapping) or not is_dataclass(start) or isinstance(start, type):
        return start
    hints = get_type_hints(type(start))
    found = {one.name: said[one.name] for one in fields(start)
             if one.name in said and _fits(said[one.name], hints[one.name])}
    return replace(start, **found)


def _fits(value: object, hint: object) -> bool:
    if get_origin(hint) in (Union, types.UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None if hint is type(None) else type(value) is hint


def with_earlier(new: Iterable[Later[Result | None]], earlier: Iterable[Result], name: Callable[[Result], str] = (
        attrgetter("command"))) -> tuple[Later[Result | None], ...]:
    """What a page has found, and of what the session had, the answers that it has not found yet, by their names."""
    found = tuple(new)
    asked = {one.name for one in found}
    return (*found, *(Later(name(one), (one,), partial(_same, one)) for one in earlier if name(one) not in asked))


def _same(result: Result) -> Result | None:
    return result
