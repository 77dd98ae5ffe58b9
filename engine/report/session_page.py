"""One page of many results: those that a method has a page for as that page shows them, others in words and sounds.

What the methods' pages hold is safe already; all else goes through `web.text`. A chapter's ids begin with its own, as
those of other chapters may be the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.report.web import Player, document, header, listen, provenance, table, text

_MAIN = re.compile(r"<main>(.*)</main>", re.DOTALL)
# quotes and brackets within text and attributes are escaped, so that these are found nowhere else
_NAMED = re.compile(r' (id|aria-labelledby|aria-describedby|data-sound|data-plays)="')
_HEADING = re.compile(r"<(/?)h([1-5])\b")


@dataclass(frozen=True)
class Chapter:
    """A part of the page.

    Parameters
    ----------
    id
        Letters and digits; no other chapter has it.
    title
        As the list of contents has it.
    html
        Safe parts of a page, with a heading of its own.
    """

    id: str
    title: str
    html: str


def session_page(title: str, lines: Sequence[str], missing: Sequence[str], chapters: Sequence[Chapter]) -> str:
    """The page, HTML.

    Parameters
    ----------
    title, lines
        What the session is.
    missing
        A sentence on each thing that is not as it was saved.
    chapters
        In their order.
    """
    parts = [*header(title, lines)]
    if missing:
        parts += ["<section><h2>What is missing</h2><ul>", *(f"<li>{text(one)}</li>" for one in missing),
                  "</ul></section>"]
    links = (f'<li><a href="#{chapter.id}">{text(chapter.title)}</a></li>' for chapter in chapters)
    parts += ['<nav aria-label="Contents"><ol>', *links, "</ol></nav>"]
    for number, chapter in enumerate(chapters, 1):
        inner = _NAMED.sub(rf' \1="{chapter.id}-', chapter.html)
        inner = _HEADING.sub(lambda found: f"<{found[1]}h{int(found[2]) + 1}", inner)
        parts += [f'<article class="result" id="{chapter.id}">',
                  f'<p class="cite">{number}. {text(chapter.title)}</p>', inner, "</article>"]
    return document(title, parts)


def of_page(chapter_id: str, title: str, page: str, lines: Sequence[str] = ()) -> Chapter:
    """The page that a method wrote of a result, as a chapter; with more to say below it.

    Raises
    ------
    ValueError
        When it is not a page that `web.document` made.
    """
    found = _MAIN.search(page)
    if found is None:
        raise ValueError(f"{title}: expected a page of a report")
    return Chapter(chapter_id, title, "".join([found[1], *(f'<p class="muted">{text(line)}</p>' for line in lines)]))


def in_words(chapter_id: str, title: str, heading: str, lines: Sequence[str], *, words: str = "",
             players: Sequence[Player] = (), made: Mapping[str, str] | None = None) -> Chapter:
    """A result that no method has a page for.

    Parameters
    ----------
    heading, lines
        At its beginning.
    words
        As its command prints it; shown with its line breaks.
    players
        Sounds.
    made
        All that is needed to make the same again.
    """
    parts = [*header(heading, lines), *(listen(players) if players else ())]
    if words:
        parts += ["<section><h2>Result</h2>", f'<pre tabindex="0">{_lines(words)}</pre>', "</section>"]
    return Chapter(chapter_id, title, "".join([*parts, *(provenance(made) if made else ())]))


def trials(chapter_id: str, found: Sequence[Mapping[str, object]]) -> Chapter:
    """Listening tests."""
    return Chapter(chapter_id, "ABX", "".join([
        *header("Listening tests (ABX)", ["Can the two be told apart by ear?"]), *_trials(found)]))


def _trials(found: Sequence[Mapping[str, object]]) -> Iterable[str]:
    columns = list(dict.fromkeys(name for trial in found for name in trial))
    yield from table("One row a test", ("Test", *(name.replace("_", " ") for name in columns)),
                     ((i, *(_cell(trial.get(name)) for name in columns)) for i, trial in enumerate(found, 1)))


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _lines(words: str) -> str:
    return "\n".join(text(line) for line in words.expandtabs().splitlines())
