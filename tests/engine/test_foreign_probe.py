"""The card that is proposed for a model is what its owner would have written, as far as trying can tell."""
# ruff: noqa: F811

import pytest

from engine.checks import InputError
from engine.models import catalogue, foreign_consent
from engine.models.foreign_card import card_text
from engine.models.foreign_probe import candidates, proposed_card
from tests.engine.foreign_listeners import config  # noqa: F401  (fixtures)
from tests.engine.foreign_models import write_model


@pytest.fixture
def proposed(config, tmp_path):
    """The card proposed for a model of `foreign_models`, and where that lies."""
    def of(name):
        path = tmp_path / name
        write_model(path)
        foreign_consent.agree(path)
        return proposed_card(path), path
    return of


def test_of_torchscript(proposed):
    card, path = proposed("waves.pt")
    assert (card.input, card.layout, len(card.labels), card.outputs, card.format) == (
        "waveform", ("batch", "time"), 3, "logits", "torchscript")
    assert "sample_rate, labels" in card.note
    place = path.with_suffix(".yaml")
    place.write_text(card_text(card))
    listener = catalogue.opened(str(place))     # it can be used as it is
    assert listener.labels == card.labels
    listener.worker.close()


def test_of_a_model_that_remembers(proposed):
    card, _ = proposed("remembers.pt")
    assert card.arguments == {"sr": card.sample_rate}
    assert (card.outputs, card.batch, len(card.labels)) == ("probabilities", None, 2)
    assert "answers the same sound differently" in card.note


@pytest.mark.parametrize("name", ["exported.pt2", "plane.onnx"])
def test_what_is_declared_is_taken(proposed, name):
    if name.endswith("onnx"):
        pytest.importorskip("onnxruntime")
    card, _ = proposed(name)
    assert (card.window, card.layout, len(card.labels)) == (2000, ("batch", "time"), 3)


def test_nothing_is_tried_before_somebody_agreed(config, tmp_path):
    path = tmp_path / "waves.pt"
    write_model(path)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(InputError, match="nobody agreed to run this one"):
        proposed_card(path)
    with pytest.raises(InputError, match=r"that ends in \.pt"):
        proposed_card(tmp_path / "song.ogg")


@pytest.mark.parametrize(("facts", "first"), [
    ({"inputs": {"x": [None, 1, 80, 115]}}, ((1, 1, 80, 115), ("batch", 1, "bands", "time"))),
    ({"inputs": {"x": [None, 43844, 1]}}, ((1, 43844, 1), ("batch", "time", 1))),
    ({"inputs": {"x": [1, None]}}, ((1, 16000), ("batch", "time"))),
    ({"inputs": {"x": [16000]}}, ((16000,), ("time",))),
    ({"first": [32, 1, 3, 3]}, ((1, 1, 80, 100), ("batch", 1, "bands", "time"))),
    ({"first": [64, 128, 5]}, ((1, 128, 100), ("batch", "bands", "time"))),
    ({"first": [64, 1, 400]}, ((1, 16000), ("batch", "time"))),
    ({"first": [256, 40]}, ((1, 100, 40), ("batch", "time", "bands"))),
])
def test_the_likeliest_shape_is_tried_first(facts, first):
    assert next(candidates(facts)) == first
