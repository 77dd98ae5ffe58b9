"""What a network expects while somebody writes."""

from __future__ import annotations

import time

import numpy as np
import pytest

from engine.composing.places import place_at
from engine.composing.suggest import lens, open_model
from engine.composing.surprises import READINGS, Listener, lens_at, note_surprises, strength
from engine.folk.abc_text import parse
from engine.folk.abc_writing import text_of
from engine.folk.keys import Key
from engine.folk.tokens import read_token, tokens_of
from tests.engine.folk_models import folk_model

VOCABULARY = ("<s>", "</s>", "M:4/4", "M:6/8", "K:Cmaj", "K:Cmin", *"CDEFGABcdefg", "^F", "=F", "_B", "=B", "_e", "=e",
              "2", "3", "4", "/2", "(3", ">", "z", "|", "|:", ":|", "|1", "|2")
TUNE = "X:1\nM:6/8\nL:1/16\nK:Eb\nE2F2=A2 B6|c2>d2e2 e4 f2|\n"
MODEL = folk_model(VOCABULARY)


def test_what_is_remembered_is_what_is_read_anew():
    listener, tokens = Listener(MODEL), ["M:6/8", "K:Cmaj", *"CDEFGABcdefg" * 3]
    rng = np.random.default_rng(0)
    for _ in range(40):
        wanted = [*tokens[:rng.integers(2, len(tokens))], *rng.choice(list("CDEG|"), rng.integers(0, 4))]
        np.testing.assert_allclose(listener.rows(wanted), MODEL.log_probabilities(wanted), atol=1e-5)
        assert len(listener._readings) <= READINGS
    before = listener.steps
    listener.rows([*wanted, "C"])
    assert listener.steps == before + 1


def test_a_long_tune_keeps_few_memories_and_is_read_on_from_the_nearest():
    listener, tokens = Listener(MODEL), ["M:6/8", "K:Cmaj", *"CDEFGABc" * 300]
    listener.rows(tokens)
    assert sum(one.memory is not None for one in listener._readings[0]) < 1100
    before = listener.steps
    changed = [*tokens[:600], "e", "f"]
    np.testing.assert_allclose(listener.rows(changed), MODEL.log_probabilities(changed), atol=1e-5)
    assert listener.steps - before <= 130


def surprise_of_notes(model, tune):
    """-ln p of the pitch of each note and of what gives it its length, by the whole tune at once."""
    tokens, found = tokens_of(tune), []
    for token, row in zip(tokens, model.log_probabilities(tokens)[:-1], strict=True):
        kind, nats = read_token(token).kind, -row[model.index[token]]
        if kind in ("pitch", "rest"):
            found.append(nats)
        elif kind == "length":
            found[-1] += nats
    return found


def test_surprises_are_those_of_the_notes():
    found = note_surprises(MODEL, TUNE)
    tune = parse(TUNE)
    assert [(start, stop) for start, stop, _ in found] == [(note.start, note.stop) for note in tune.notes]
    np.testing.assert_allclose([nats for _, _, nats in found], surprise_of_notes(MODEL, tune), atol=1e-5)
    unknown = note_surprises(MODEL, TUNE.replace("E2F2", "E,,2F2"))
    assert len(unknown) == len(found) - 1
    assert unknown[0][0] == found[1][0] + 2
    assert note_surprises(MODEL, "") == []
    assert note_surprises(MODEL, "X:1\nK:C\n(3:2:4ABcd") == []
    assert [strength(nats) for nats in (0.0, 2.0, 5.0, 8.0, 30.0)] == [0, 0, 0.5, 1, 1]


@pytest.mark.parametrize("cursor", [TUNE.index("=A2"), TUNE.index(" B6"), TUNE.index("|c2"), TUNE.index("d2e2"),
                                    len(TUNE), len(TUNE) - 1, TUNE.index("E2F")])
def test_each_admitted_choice_is_read_as_its_token(cursor):
    before = place_at(TUNE, cursor).tokens()
    choices = lens_at(MODEL, TUNE, cursor, most=len(VOCABULARY))
    assert sum(choice.probability for choice in choices) == pytest.approx(1, abs=1e-5)
    texts = 0
    for choice in choices:
        assert not choice.text or choice.admitted
        if not choice.text:
            assert not choice.admitted or choice.token == "</s>"
            continue
        after = TUNE[:cursor] + choice.text + TUNE[cursor:]
        said = place_at(after, cursor + len(choice.text)).tokens()
        assert said[:len(before)] == before
        assert said[len(before):] in ((choice.token,), (choice.token.lstrip("^=_"),))
        texts += 1
    assert texts


def test_the_probabilities_are_those_of_the_lens():
    before = place_at(TUNE, len(TUNE)).tokens()
    for one, other in zip(lens_at(MODEL, TUNE, len(TUNE)), lens(MODEL, before), strict=True):
        assert one.token == other.token
        assert one.probability == pytest.approx(other.probability, abs=1e-6)


@pytest.mark.parametrize(("text", "cursor"), [("", 0), ("X:1\n", 4), (TUNE, TUNE.index("=A2") + 1), (TUNE, 2)])
def test_where_nothing_can_be_inserted_the_choices_have_no_text(text, cursor):
    choices = lens_at(MODEL, text, cursor)
    assert choices
    assert not any(choice.text for choice in choices)


def test_the_next_keystroke_is_answered_at_once():
    model = open_model()
    bars = [*"CEGcBGcecG", "2", "|", *"dBGFDBcAFD", "2", "|"]
    tokens = ("M:6/8", "K:Cmaj", *bars * 12)
    text = text_of(tokens, key=Key(4))
    lens_at(model, text, len(text))
    taken = []
    for n in range(1, 4):
        longer = text + "G A B "[:2 * n]
        began = time.process_time()
        choices = lens_at(model, longer, len(longer))
        taken.append(time.process_time() - began)
        assert any(choice.text for choice in choices)
    assert tokens_of(parse(text))[:2] == tokens[:2]
    assert min(taken) < 0.06
