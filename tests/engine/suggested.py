"""A small network that suggests, and what its suggestions say once they stand in the text."""

from __future__ import annotations

from engine.composing.places import place_at
from engine.folk.abc_text import parse
from engine.folk.tokens import tokens_of
from tests.engine.folk_models import folk_model

VOCABULARY = ("<s>", "</s>", "M:4/4", "M:6/8", "M:2/4", "M:3/4", "M:9/8", "K:Cmaj", "K:Cmin", "K:Cdor", "K:Cmix",
              *"CDEFGABcdefgab", "^F", "=F", "_B", "=B", "^c", "_e", "=e", "^G", "B,", "G,", "c'", "2", "3", "4", "6",
              "8", "/2", "3/2", "(3", ">", "<", "z", "|", "|:", ":|", "|1", "|2", "||")
JIG = "X:1\nT:A\nM:6/8\nL:1/8\nK:Edor\n|:B2E E2D|EFG AFD|\n\"Em\"B2c% hi\n dcA|BAF FED:|\n"
MODEL = folk_model(VOCABULARY)


def inserted(text, one):
    return text[:one.start] + one.text + text[one.stop:]


def met(tokens):
    """Bar lines that meet become one, as `tokens_of` has it."""
    found = []
    for token in tokens:
        if found and token[0] in "|:" and found[-1][0] in "|:":
            if token in ("|", "||"):
                continue
            if found[-1] in ("|", "||"):
                found.pop()
        found.append(token)
    return (*found[:-1], "|" if found[-1] == "||" else found[-1])


def read_right(text, one, chords="top", style="v2"):
    """Whether the text with a candidate says what stood before, the candidate's tokens, and what stood behind."""
    tune, new = parse(text), parse(inserted(text, one))
    before = place_at(text, one.start).tokens(style)
    behind = before if one.start == one.stop else place_at(text, one.stop).tokens(style)
    whole = tokens_of(tune, style=style)
    expected = met((*whole[:len(before)], *one.tokens, *whole[len(behind):]))
    assert met(tokens_of(new, style=style)) == expected
    assert len(new.problems) <= len(tune.problems)
    return True
