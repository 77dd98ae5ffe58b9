"""Cards of users' models: what they say is understood, and mistakes are named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checks import InputError
from engine.models.catalogue import FOLDER
from engine.models.foreign_card import card_of, card_text, read_card, weights_of
from engine.models.foreign_fields import FIELDS

WAVE = {"file": "net.pt", "input": "waveform", "sample_rate": 16000, "window": 8000, "labels": ["no", "yes"],
        "outputs": "logits"}
MEL = {**WAVE, "input": "log-mel", "window": 115, "n_fft": 1024, "hop_length": 315, "n_mels": 80}


def test_what_is_left_out_has_a_meaning():
    card = card_of(WAVE, "card")
    assert (card.format, card.layout, card.stride, card.fmax) == ("torchscript", ("batch", "time"), 2000, 8000)
    assert card_of({**WAVE, "file": "n.pt2"}, "card").format == "torch-export"
    assert card_of({**WAVE, "file": "n.onnx"}, "card").format == "onnx"
    assert card_of(MEL, "card").layout == ("batch", "bands", "time")


@pytest.mark.parametrize("card", [WAVE, {**WAVE, "labels": ["no", "ja, ü"], "note": "yes: no #"}, MEL,
                                  {**MEL, "mean": [0.5] * 80, "std": 2, "scale": "decibel"},
                                  {**WAVE, "arguments": {"sr": 16000}, "chunk": 512, "reset": "reset_states"}])
@pytest.mark.parametrize("ending", [".json", ".yaml"])
def test_a_card_written_again_says_the_same(card, ending, tmp_path):
    found = card_of(card, "card")
    (tmp_path / f"card{ending}").write_text(card_text(found, ending), encoding="utf-8")
    assert read_card(tmp_path / f"card{ending}") == found


@pytest.mark.parametrize("path", sorted((FOLDER / "foreign").iterdir()), ids=lambda path: path.name)
def test_the_cards_that_are_shipped_are_cards(path):
    card = read_card(path)
    assert card.title
    assert card.source
    assert card.weights_licence
    assert len(card.sha256) == 64


@pytest.mark.parametrize(("change", "words"), [
    ({"sample_rat": 1}, "'sample_rat'; did you mean sample_rate?"),
    ({"colour": 1}, "got 'colour'; there are file"),
    ({"input": "wave"}, "input: expected one of waveform, log-mel, magnitude, got 'wave'; did you mean waveform?"),
    ({"sample_rate": 16}, "sample_rate: expected 1,000 to 384,000, got 16"),
    ({"sample_rate": "16 kHz"}, "sample_rate: expected a whole number"),
    ({"window": 0.5}, "window: expected a whole number"),
    ({"labels": [False, True]}, "labels: expected words, got False; put it in quotes"),
    ({"labels": ["speech"]}, "a detector has two"),
    ({"labels": ["a", "a"]}, "'a' twice"),
    ({"file": "net.h5"}, "expected one that ends in .pt"),
    ({"layout": ["batch", "bands", "time"]}, "layout: expected time and no bands for waveform"),
    ({"layout": ["batch", "tim"]}, "layout: expected one of batch, bands, time, 1, got 'tim'; did you mean time?"),
    ({"layout": ["time", "time"]}, "each axis once"),
    ({"output_layout": ["batch", "time"], "labels": ["a", "b", "c"]}, "expected an axis of labels"),
    ({"mean": [1.0, 2.0]}, "mean: expected one number or 1"),
    ({"std": 0}, "std: expected 1e-09"),
    ({"positive": "no"}, "positive: expected the second of two labels, got 'no'; put it last"),
    ({"arguments": {"sr": 8000}}, "got sample_rate 16000 and the argument sr 8000; make them one"),
    ({"arguments": {"sr": "x"}}, "arguments: expected names with numbers"),
    ({"state": {"input": "h"}}, "state: expected input, output and shape"),
    ({"fmax": 9000}, "at most 8,000 Hz, half the sample rate"),
    ({"exclusive": "no"}, "exclusive: expected true or false"),
    ({"threshold": 1}, "threshold: expected 0.001 to 0.999"),
    ({"input": "log-mel"}, "expected n_fft, hop_length, n_mels for a model that hears log-mel"),
    ({"input": "magnitude", "n_fft": 511, "hop_length": 100, "layout": ["batch", "bands", "time"]}, "an even n_fft"),
])
def test_mistakes_are_named(change, words):
    with pytest.raises(InputError) as caught:
        card_of({**WAVE, **change}, "my.yaml")
    assert str(caught.value).startswith("my.yaml: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("missing", WAVE)
def test_what_is_missing_is_named(missing):
    card = {key: value for key, value in WAVE.items() if key != missing}
    with pytest.raises(InputError, match=f"{missing}.* found no such key; add {missing} \\("):
        card_of(card, "card")


@pytest.mark.parametrize(("name", "text", "words"), [
    ("a.yaml", "a: &x [1]\nb: *x\n", "aliases are not for cards"),
    ("a.yaml", "!!python/object/apply:os.system ['true']", "could not determine a constructor"),
    ("a.yaml", "- 1\n- 2\n", "expected keys and values"),
    ("a.json", "{", "expected a card in JSON"),
    ("a.json", "[" * 60_000, "expected a card in JSON"),
    ("a.yaml", "x" * 70_000, "is it the model itself"),
    ("a.yaml", "\x00\x01", "expected a card in YAML"),
])
def test_what_is_no_card_is_refused(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        read_card(tmp_path / name)


def test_no_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no.yaml: could not be read"):
        read_card(tmp_path / "no.yaml")


def test_weights_lie_beside_the_card_or_in_its_package(tmp_path, monkeypatch):
    package = tmp_path / "carrying_package"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('it was imported')")
    (package / "net.pt").write_bytes(b"of the package")
    monkeypatch.syspath_prepend(tmp_path)
    card = card_of({**WAVE, "package": "carrying_package", "source": "pip install it"}, "card")
    path = tmp_path / "cards" / "card.yaml"
    path.parent.mkdir()
    assert weights_of(card, path).read_bytes() == b"of the package"
    (path.parent / "net.pt").write_bytes(b"beside")
    assert weights_of(card, path).read_bytes() == b"beside"
    nowhere = card_of({**WAVE, "file": "other.pt", "package": "no_such_package_here", "source": "pip install it"}, "c")
    with pytest.raises(InputError, match="in the package no_such_package_here, found none; it comes from pip install"):
        weights_of(nowhere, path)


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                      lambda inner: st.lists(inner, max_size=3)
                      | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=5)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(list(FIELDS)), VALUES, max_size=4), st.sampled_from([WAVE, MEL, {}]))
def test_whatever_a_card_says_it_is_read_or_refused(change, card):
    try:
        found = card_of({**card, **change}, "card")
    except InputError:
        return
    assert card_of(found.as_json(), "card") == found
