"""Writing tunes: what is drawn, what is admitted, and that there is always a way to the end."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.folk.abc_text import parse
from engine.folk.abc_writing import text_of
from engine.folk.bars import Count, check
from engine.folk.grammar import NEVER, grammar_of
from engine.folk.prime import slots_of
from engine.folk.rules import Anything, WholeTunes
from engine.folk.sampling import Manner, sample, scored, stream
from engine.folk.tokens import pitches_of, read_token, tokens_of
from engine.job import Cancelled
from engine.training.folk_collections import music21_corpus, read_tunes
from engine.training.folk_material import usable_tokens
from tests.engine.folk_models import UNIFORM, UNIFORM_V3, V2, V3, folk_model


def write(model, prime="", n=1, rule=None, report=lambda progress: None, heard=None, meter="", mode="", **manner):
    manner = Manner(**manner)
    rule = rule or WholeTunes(model.vocabulary, manner.stop)
    return sample(model, rule, slots_of(model, prime.split(), meter=meter, mode=mode), n=n, manner=manner,
                  report=report, heard=heard)


def time_of(tokens):
    """All but pitches, and of a chord the length of its first note; `|` stands for every line that is no repeat."""
    kept, notes = [], None
    for token in tokens:
        kind = read_token(token).kind
        notes = 0 if kind == "open" else None if kind == "close" else notes
        if kind == "pitch":
            notes = notes + 1 if notes is not None else None
        elif not (kind == "length" and notes and notes > 1):
            kept.append("|" if token in ("||", "|]") else token)
    return kept


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(6, 80), st.sampled_from([UNIFORM, UNIFORM_V3]))
@example(0, 6, UNIFORM)
def test_whatever_chance_writes_is_a_whole_tune(seed, room, model):
    for one in write(model, n=2, seed=seed, max_tokens=room):
        assert one.ended
        assert len(one.drawn) <= room
        assert check(one.tokens).faults == ()
        tune = parse(text_of(one.tokens))
        assert tune.problems == ()
        back = tokens_of(tune, style="v3" if model is UNIFORM_V3 else "v2", chords="all")
        assert [p for p in pitches_of(back) if p] == [p for p in pitches_of(one.tokens) if p]
        assert time_of(back) == time_of(one.tokens)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["bar", "phrase"]), st.integers(1, 60))
def test_whatever_chance_writes_up_to_a_line_fills_the_bar(seed, stop, room):
    prime = "M:4/4 K:Cmaj |: G 4 (3 A"
    if room < 3:  # two notes of the tuplet and a line
        with pytest.raises(InputError, match="allow more"):
            write(UNIFORM, prime, seed=seed, stop=stop, max_tokens=room)
        return
    one = write(UNIFORM, prime, seed=seed, stop=stop, max_tokens=room)[0]
    assert read_token(one.tokens[-1]).kind in ("bar", "ending")
    assert not [fault for fault in check(one.tokens).faults if fault.index < len(one.tokens) - 1]


def test_no_admitted_token_leads_nowhere():
    """Walks at random: everywhere, what is admitted leaves a shorter way to the end."""
    grammar, rng = grammar_of(V2), np.random.default_rng(0)
    for _ in range(6):
        count = Count()
        for _ in range(40):
            ways = [after for token in grammar.tokens if token and (after := grammar.step(count, token)) is not None]
            least = min((grammar.to_end(after) for after in ways), default=0)
            assert grammar.to_end(count) >= NEVER or grammar.to_end(count) > least or count.before == "end"
            ways = [after for after in ways if grammar.to_end(after) < NEVER]
            if not ways:
                break
            count = ways[rng.integers(len(ways))]
        assert count.before == "end" or ways


def test_real_tunes_are_admitted():
    path = music21_corpus() / "oneills1850" / "0101-0200.abc"
    tunes = [tokens for tune in read_tunes(path) if (tokens := usable_tokens(tune, "v2")) and check(tokens).valid]
    grammar = grammar_of(("<s>", "</s>", *sorted({token for tokens in tunes for token in tokens})))
    assert len(tunes) > 60
    for tokens in tunes:
        count = Count()
        for text in (*tokens, "</s>"):
            count = grammar.step(count, read_token(text))
            assert count is not None
            assert grammar.to_end(count) < NEVER


def test_the_distribution_is_the_models():
    """Chi-square of 3,000 first tokens against the softmax, and under the grammar against what it admits."""
    model = folk_model(V3, units=3, scale=0.7, seed=2)
    logits, _ = model.step(torch.tensor([0]), model.memory())
    p = torch.softmax(logits[0].double(), 0).numpy()
    for rule, keep in ((Anything(V3), range(len(V3))), (None, [V3.index("M:6/8"), V3.index("M:4/4")])):
        drawn = Counter(one.drawn[0] for one in write(model, n=3000, rule=rule, max_tokens=9 if rule is None else 1,
                                                      seed=5))
        wanted = 3000 * p[keep] / p[keep].sum()
        found = np.array([drawn[V3[index]] for index in keep])
        assert found.sum() == 3000
        assert ((found - wanted)**2 / wanted).sum() < len(keep) - 1 + 4 * np.sqrt(2 * max(1, len(keep) - 1))


def test_log_probabilities_are_the_models_own():
    model = folk_model(V2, scale=0.6, layers=2, units=8)
    for one in write(model, "G * E", meter="6/8", n=2, temperature=1.7, top_p=0.9, top_k=9, seed=1, max_tokens=40):
        rows = model.log_probabilities(one.tokens)
        told = [*one.tokens, "</s>"]
        assert [told[place] for place in one.places] == list(one.drawn)
        expected = [rows[place][model.index[token]] for place, token in zip(one.places, one.drawn, strict=True)]
        np.testing.assert_allclose(one.log_probabilities, expected, atol=1e-5)
        assert one.tokens[0] == "M:6/8"
        assert one.tokens[1] in ("K:Cmaj", "K:Cdor")  # drawn, for a mode is due there
        assert (one.tokens[2], one.tokens[4]) == ("G", "E")
        assert one.places[:3] == (1, 3, 5)


@pytest.mark.parametrize("options", [{}, {"top_p": 0.8}, {"top_k": 5, "temperature": 0.7}])
def test_a_seed_writes_the_same_in_any_company(options):
    model = folk_model(V2, units=96, layers=3, scale=0.25)
    together = write(model, n=9, seed=7, max_tokens=60, **options)
    assert write(model, n=1, seed=7, max_tokens=60, **options)[0].drawn == together[0].drawn
    assert [one.drawn for one in write(model, n=4, seed=7, max_tokens=60, **options)] == \
        [one.drawn for one in together[:4]]
    assert len({one.drawn for one in together}) > 6
    assert write(model, seed=8, max_tokens=60, **options)[0].drawn != together[0].drawn


def test_logits_hardly_depend_on_the_number_of_streams():
    model = folk_model(V2, units=512, layers=3, scale=0.06)
    one, many = model.memory(), model.memory(16)
    worst = 0.0
    for token in range(20):
        a, one = model.step(torch.tensor([token]), one)
        b, many = model.step(torch.full((16,), token), many)
        worst = max(worst, float((a - b).abs().max()))
    assert worst < 1e-5  # a tenth of what makes a draw doubtful


def test_a_doubtful_draw_is_decided_alone(monkeypatch):
    model = folk_model(V2, units=32, layers=2, scale=0.4)
    alone = write(model, seed=3, max_tokens=30)[0]
    monkeypatch.setattr("engine.folk.sampling.DOUBT", 1e9)  # now everything is doubtful
    step = model.step

    def rounding_otherwise(tokens, memory):
        logits, memory = step(tokens, memory)
        return (logits if len(tokens) == 1 else logits + 1e3 * torch.rand(logits.shape)), memory

    model.step = rounding_otherwise
    assert write(model, n=2, seed=3, max_tokens=30)[0].drawn == alone.drawn


def test_truncation_keeps_the_most_probable():
    logits = np.log(np.array([0.1, 0.4, 0.2, 0.3]))
    noise = np.array([50.0, 0.0, 40.0, 30.0])

    def order(**options):
        return np.argsort(-scored(logits, noise, Manner(**options))[0]).tolist()

    assert order() == [0, 2, 3, 1]
    assert order(top_k=2) == [3, 1, 2, 0]           # the two best by their noise, the rest by probability
    assert order(top_p=0.7) == [3, 1, 2, 0]
    assert order(top_p=0.71) == [2, 3, 1, 0]
    assert order(top_p=0.71, top_k=1) == [1, 3, 2, 0]
    assert order(temperature=0) == [1, 3, 2, 0]
    assert order(temperature=0.01, top_p=0.5) == [1, 3, 2, 0]


def test_tokens_are_heard_as_they_come_and_cancelling_stops_at_once():
    heard, steps = [], []

    def report(progress):
        steps.append(progress)
        if len(steps) == 12:
            raise Cancelled

    with pytest.raises(Cancelled):
        write(UNIFORM, n=2, max_tokens=200, seed=1, report=report, heard=heard.append)
    assert len(steps) == 12
    assert 11 <= len(heard) <= 22
    whole = write(UNIFORM, n=2, max_tokens=200, seed=1)
    assert tuple(said.token for said in heard if said.stream == 0) == whole[0].drawn[:11]
    some = stream(UNIFORM, WholeTunes(V2), (), n=1, manner=Manner(seed=1))
    assert next(some).token == whole[0].drawn[0]
    some.close()


@pytest.mark.parametrize(("prime", "options", "said"), [
    ("G 2 H", {}, "token 'H': .* does not know it"),
    ("G 2 (1", {}, r"did you mean \|1"),
    ("G 2 2", {}, "prime: 2 does not fit at place 5"),
    ("G 16", {"meter": "6/8"}, "prime: |no whole tune"),
    ("M:6/8 K:Cmaj G 3 | A | B", {}, r"B does not fit at place 8 \(bar of 1/8 instead of 3/4\)"),
    ("M:6/8 K:Cmaj G 3 |", {"max_tokens": 0}, "max_tokens"),
    ("M:6/8 K:Cmaj |: G", {"max_tokens": 1}, "at most 1 tokens: expected room"),
    ("M:6/8", {"meter": "4/4"}, "begins with M:6/8"),
    ("", {"meter": "7/8"}, "the model tiny knows .*4/4.*got '7/8'"),
    ("", {"mode": "lyd"}, "mode: .*Cmaj"),
    ("* " * 70 + "G", {}, "at most 64 wildcards"),
    ("G 8 | * A 8 |", {"meter": "4/4"}, "does not fit at place 9"),
])
def test_unusable_primes_get_one_sentence(prime, options, said):
    with pytest.raises(InputError, match=said):
        write(UNIFORM, prime, **options)


@pytest.mark.parametrize("options", [{"temperature": -1}, {"temperature": float("nan")}, {"top_p": 0}, {"top_k": -1},
                                     {"seed": -1}, {"stop": "line"}, {"n": 0}])
def test_unusable_manners_get_one_sentence(options):
    with pytest.raises(InputError):
        write(UNIFORM, **options)


def test_wildcards_leave_room_for_what_is_forced_behind_them():
    for seed in range(20):
        one = write(UNIFORM, "G 4 * * |: c 4 * 4 |", meter="4/4", mode="dor", seed=seed, max_tokens=60)[0]
        assert one.tokens[:2] == ("M:4/4", "K:Cdor")
        assert (*one.tokens[2:4], *one.tokens[6:9], *one.tokens[10:12]) == ("G", "4", "|:", "c", "4", "4", "|")
        assert check(one.tokens).valid


def test_odd_bars_of_others_can_be_forgiven():
    odd = "M:6/8 K:Cmaj G 3 | A | B 3 c 3 |"
    rule = WholeTunes(V2, forgiving=True)
    one = write(UNIFORM, odd, rule=rule, seed=2, max_tokens=50)[0]
    assert one.ended
    late = len(odd.split())
    assert all(fault.index < late for fault in check(one.tokens).faults)


def test_modes_and_meters_may_be_named_in_either_style():
    assert slots_of(UNIFORM_V3, mode="Cmin", meter="M:6/8") == slots_of(UNIFORM_V3, mode="K:min", meter="6/8")
    assert slots_of(UNIFORM, ["G"], mode="dor") == (None, "K:Cdor", "G")
    assert slots_of(UNIFORM, ["G"], header=False) == ("G",)
    assert slots_of(UNIFORM, ["*", "*", "G"], meter="6/8") == ("M:6/8", None, "G")


def test_anything_goes_without_the_grammar():
    tunes = write(UNIFORM, n=20, rule=Anything(V2), max_tokens=60, seed=1)
    assert not all(check(one.tokens).valid for one in tunes)
    assert len({len(one.drawn) for one in tunes}) > 3
    bar = write(UNIFORM, "M:4/4 K:Cmaj", rule=Anything(V2, "bar"), max_tokens=500, stop="bar")[0]
    assert read_token(bar.tokens[-1]).kind in ("bar", "ending", "end") or bar.ended
