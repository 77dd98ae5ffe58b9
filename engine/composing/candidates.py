"""Suggestions as text: how they are written at a place of a tune that has its own key, unit length and spacing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.composing.places import Place, counted, open_tokens, voice_at
from engine.composing.suggest import Origin, Suggestion
from engine.folk import bars as bar_rules
from engine.folk.abc_text import parse
from engine.folk.abc_words import FIELD
from engine.folk.abc_writing import Hand, Music, sounding, spacing_of, text_of, write
from engine.folk.bars import Count, Validity
from engine.folk.keys import Key
from engine.folk.novelty import Novelty
from engine.folk.tokens import UNIT, Speller, kind_of, mode_of, pitches_of, read_token, spelled, style_of
from engine.folk.tune import Bar, Ending

GAPS = ("", " ", "\n")       # what may have to stand between the text and a suggestion
Sounding = Sequence[tuple[int, int] | None]


@dataclass(frozen=True)
class Candidate:
    """A suggestion as text.

    Attributes
    ----------
    start, stop : int
        What of the text it replaces; equal where it is inserted.
    text : str
        ABC in the key, the unit length and the spacing of the tune, with the white space that it needs around it.
    bars : tuple of int
        Offsets in `text` behind each line that ends a bar, the last one behind the last note: `text[:bars[0]]` is the
        first bar.
    tokens : tuple of str
        What it says, as `tokens_of` reads it.
    per_token : float
        Mean log-probability of what was drawn, nats.
    worth : float
        What candidates are ranked by, nats per token.
    validity : Validity
        Of the tune with it.
    novelty : Novelty or None
        What of that tune is known.
    ended : bool
        Whether the model ended the tune.
    """

    start: int
    stop: int
    text: str
    bars: tuple[int, ...]
    tokens: tuple[str, ...]
    per_token: float
    worth: float
    validity: Validity
    novelty: Novelty | None
    ended: bool
    origin: Origin


def continuation(place: Place, one: Suggestion) -> Candidate | None:
    """A suggestion as text at a place; None where it says nothing that can be written there."""
    first = len(place.tokens(style_of(one.whole)))
    tokens, pitches = _written(one, first)
    if tokens and isinstance(place.next, Bar) and (tokens[-1] in ("|", "||", "|:") or kind_of(tokens[-1]) == "ending"):
        tokens, pitches = tokens[:-1], pitches[:-1]  # a line is there already
    elif tokens and isinstance(place.next, Ending) and kind_of(tokens[-1]) == "ending":
        tokens[-1] = "|"
    if not tokens:
        return None
    music = music_at(place, counted(one.whole[:first]))
    _write(place, music, tokens, pitches)
    said = in_v3(tokens, pitches)
    for lead in GAPS[:1] if music.text[0].isspace() else GAPS:
        for tail in dict.fromkeys((_tail(place, music), *GAPS)):
            if _reads(place, lead + music.text, tail, said):
                return _candidate(one, place.cursor, (lead, music, tail), tokens)
    return None


def _write(place: Place, music: Music, tokens: Sequence[str], pitches: Sounding) -> None:
    context = place.context
    hand = Hand(context.key, context.altered, context.tied, over_line=context.over_line)
    write(music, hand, tokens, pitches, move=place.tune.key.to_c.inverse, scale=UNIT / context.unit)


def written_token(place: Place, music: Music, token: str, pitch: tuple[int, int] | None) -> str:
    """The text of a single token at a place."""
    _write(place, music, [token], [pitch])
    return music.text


def _candidate(one: Suggestion, cursor: int, written: tuple[str, Music, str], tokens: Sequence[str]) -> Candidate:
    lead, music, tail = written
    text = lead + music.text
    ends = tuple(len(lead) + end for end in music.ends)
    return Candidate(cursor, cursor, text + tail, (*ends, len(text)) if music.played or not ends else ends,
                     tuple(tokens), one.per_token, one.worth, one.validity, one.novelty, one.ended, one.origin)


def new_tune(text: str, cursor: int, one: Suggestion) -> Candidate:
    """A whole tune as text, with its header and empty lines around it."""
    tokens, pitches = _written(one)
    number = 1 + max((int(found) for found in re.findall(r"^X[ \t]?:[ \t]*(\d{1,9})", text, re.MULTILINE)), default=0)
    key = Key(mode=mode_of(tokens))
    music = Music()
    write(music, Hand(key), tokens, pitches, move=key.to_c.inverse)
    whole = text_of(tokens, title=f"{one.model} {one.seed}.{one.stream}", number=number)
    head, rest = text[:cursor], text[cursor:]
    lead = "\n" * max(0, 2 - (len(head) - len(head.rstrip("\n")))) if head.strip() else ""
    fields = lead + whole[:len(whole) - 1 - len(music.text)]
    return _candidate(one, cursor, (fields, music, "\n" if not rest or rest[0] == "\n" else "\n\n"), tokens)


def new_music(place: Place, one: Suggestion) -> Candidate:
    """The music of a tune that has but a part of its header, with the fields that are missing."""
    tokens, pitches = _written(one)
    key, given = Key(mode=mode_of(tokens)), {field.letter for field in place.tune.fields}
    unit = place.tune.unit if "L" in given else UNIT
    meter = next((text for text in tokens if text.startswith("M:")), "M:none")
    fields = [*([] if "M" in given else [meter]), *([] if "L" in given else ["L:1/8"]), f"K:{key}"]
    music = Music()
    write(music, Hand(key), tokens, pitches, move=key.to_c.inverse, scale=UNIT / unit)
    lead = ("\n" if place.line.strip() else "") + "\n".join(fields) + "\n"
    return _candidate(one, place.cursor, (lead, music, "\n" if place.rest.strip() or place.followed else ""), tokens)


def _written(one: Suggestion, first: int = 0) -> tuple[list[str], list[tuple[int, int] | None]]:
    """The tokens of a suggestion from a place on, and what they sound like.

    Without the grammar there may be some that say nothing: lengths without a note, brackets, headers. They are left
    out.
    """
    tokens, pitches = spelled(one.whole, list(pitches_of(one.whole)))[first:], sounding(one.whole)[first:]
    kept = range(len(tokens)) if one.constrained else _sensible(one.whole[:first], tokens)
    return [tokens[place] for place in kept], [pitches[place] for place in kept]


def _sensible(before: Sequence[str], tokens: Sequence[str]) -> list[int]:
    """Places of the tokens that say something where they stand."""
    kept, count, kinds = list[int](), counted(before), [kind_of(text) for text in (*tokens, "|")]
    for place, (kind, after) in enumerate(pairwise(kinds)):
        last, note_next = count.before, after in ("pitch", "rest")
        sense = {"pitch": True, "rest": True, "length": last in ("pitch", "rest"),
                 "broken": last in ("pitch", "rest", "length") and note_next,
                 "tuplet": note_next and not count.tuplet[1] and not count.awaits_note,
                 "bar": last not in ("bar", "ending"), "ending": last not in ("bar", "ending"),
                 "meter": last == "", "mode": last in ("", "meter")}
        token = read_token(tokens[place])
        if token is not None and sense.get(kind, False):
            kept.append(place)
            count, _ = bar_rules.step(count, token)
    return kept


def in_v3(tokens: Sequence[str], pitches: Sounding) -> tuple[str, ...]:
    """Tokens in v3, where each pitch has one name; a double bar line at the end counts as a plain one."""
    speller = Speller("v3", Key())
    found = [text if pitch is None else speller.spell(*pitch) for text, pitch in zip(tokens, pitches, strict=True)]
    return (*found[:-1], "|" if found[-1] == "||" else found[-1])


def music_at(place: Place, count: Count) -> Music:
    """Where the writing begins, and with what white space."""
    spacing = spacing_of(place.tune, place.text)
    line, last = place.line, place.last
    if FIELD.match(line) or "%" in line:
        return Music(count, gap="\n", spacing=spacing)
    if not line.strip():
        return Music(count, spacing=spacing)
    bars = sum(isinstance(event, Bar) and event.start >= place.at - len(line) for event in place.before.events)
    gap = "" if line[-1].isspace() else None
    if isinstance(last, Ending):
        gap = gap or " "
    elif isinstance(last, Bar):
        gap = spacing.behind_line if gap is None else gap
        if not place.rest.strip() and (bars >= 4 or last.sign in (":|", "||")):
            gap = "\n"
    return Music(count, bars=bars, fresh=False, gap=gap, spacing=spacing)


def _tail(place: Place, music: Music) -> str:
    """The white space behind."""
    if not place.rest.strip():
        return "\n" if place.followed and not place.line and not place.rest and place.at == len(place.text) else ""
    if place.rest[0].isspace():
        return ""
    if not place.line.strip() or music.gap == "\n":
        return "\n"
    return (music.gap or "") if music.behind_line else music.spacing.before_line


def _reads(place: Place, text: str, tail: str, said: tuple[str, ...]) -> bool:
    """Whether the text says this, and nothing else of the tune is understood otherwise."""
    head, rest = place.text[:place.at] + text, place.text[place.at:]
    if open_tokens(voice_at(parse(head), len(head)), "v3", chords="all")[-len(said):] != said:
        return False
    notes = sum(token[:1] in "=^_z" for token in said)
    whole = voice_at(parse(head + tail + rest), len(head))
    return len(whole.notes) >= len(place.tune.notes) + notes - said.count("]") and (
        len(whole.problems) <= len(place.tune.problems))

