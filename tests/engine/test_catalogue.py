"""Models are found by name, and whatever is wrong with one is one sentence."""

from __future__ import annotations

import hashlib
import json

import pytest
import torch
from safetensors.torch import load_file

from engine.checks import InputError
from engine.models import catalogue
from engine.models.svd_listener import LABELS

CARD = {"kind": "svd_cnn", "threshold": 0.4, "median_frames": 56, "title": "Ünï"}


def tensors_of(listener):
    return {**listener.net.state_dict(), "mean": listener.mean[:, 0], "std": listener.std[:, 0],
            "data_minimum": torch.tensor(listener.fill_minimum)}


@pytest.fixture
def folder(tmp_path, listener, monkeypatch):
    """A catalogue with one model."""
    catalogue.write(tmp_path / "svd.json", tensors_of(listener), CARD)
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    catalogue.load.cache_clear()
    yield tmp_path
    catalogue.load.cache_clear()


def changed(folder, **facts):
    card = json.loads((folder / "svd.json").read_text(encoding="utf-8"))
    card = {key: value for key, value in {**card, **facts}.items() if value is not ...}
    (folder / "svd.json").write_text(json.dumps(card), encoding="utf-8")


def with_weights(folder, data):
    (folder / "svd.safetensors").write_bytes(data)
    changed(folder, sha256=hashlib.sha256(data).hexdigest())


def refusal():
    with pytest.raises(InputError) as error:
        catalogue.load("svd")
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 400
    return text


def test_what_is_written_is_loaded_once(folder, listener):
    assert catalogue.names() == ["svd"]
    loaded = catalogue.load("svd")
    assert loaded is catalogue.load("svd")
    assert (loaded.name, loaded.labels, loaded.threshold, loaded.card["title"]) == ("svd", LABELS, 0.4, "Ünï")
    assert loaded.fill_minimum == listener.fill_minimum
    S = torch.randn(3, 80, 115, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(loaded.scores(S), listener.scores(S), atol=0.02, rtol=0.02)    # half precision
    assert sorted(path.name for path in folder.iterdir()) == ["svd.json", "svd.safetensors"]


def test_an_unknown_name_is_guessed(folder):
    with pytest.raises(InputError, match=r"^model: expected one of svd, got 'sdv'; did you mean svd\?$"):
        catalogue.load("sdv")
    with pytest.raises(InputError, match=r"got '\.\./svd'"):
        catalogue.load("../svd")


def test_an_empty_folder_says_so(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path / "nowhere")
    assert catalogue.names() == []
    assert "found no model there; install Otoscope again" in refusal()


def test_other_weights_than_the_card_names_are_refused(folder):
    data = bytearray((folder / "svd.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "svd.safetensors").write_bytes(data)
    assert refusal().startswith("svd.safetensors: the weights are not those its card names")


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 something else", b"\xff" * 64, None])
def test_damaged_weights_are_refused_though_the_card_names_them(folder, damage):
    whole = (folder / "svd.safetensors").read_bytes()
    with_weights(folder, whole[:5000] if damage is None else damage)
    assert refusal().startswith("svd.json: expected a model card with its weights, found it damaged")


def test_weights_of_another_shape_are_refused(folder, listener):
    tensors = tensors_of(listener)
    for wrong in ({**tensors, "mean": torch.zeros(40)}, {**tensors, "dense.2.bias": torch.zeros(7)},
                  {k: v for k, v in tensors.items() if k != "conv.0.weight"}, {**tensors, "more": torch.zeros(1)},
                  {k: v for k, v in tensors.items() if k != "std"}):
        catalogue.write(folder / "svd.json", wrong, CARD)
        assert refusal().startswith("svd.json: expected a model card with its weights, found it damaged")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"svd"', "[" * 100_000, '{"kind": "svd_cnn"}'])
def test_a_damaged_card_is_refused(folder, text):
    (folder / "svd.json").write_text(text)
    assert refusal().startswith("svd.json: expected a model card")


def test_a_card_of_bytes_is_refused(folder):
    (folder / "svd.json").write_bytes(b"\xff\xfe{}")
    assert refusal().startswith("svd.json: expected a model card")


def test_an_unknown_kind_is_named_with_the_nearest(folder):
    changed(folder, kind="svd_cn")
    assert refusal() == ("kind of svd.json: expected one of svd_cnn, frame_mlp, patch_cnn, scattering_svm, "
                         "scattering_tree, got 'svd_cn'; did you mean svd_cnn?")


@pytest.mark.parametrize(("key", "value"), [
    ("threshold", 1.5), ("threshold", "high"), ("threshold", None), ("threshold", ...), ("threshold", float("nan")),
    ("median_frames", 0), ("median_frames", ...), ("kind", ["svd_cnn"]), ("kind", None), ("sha256", 5)])
def test_facts_that_cannot_be_are_refused(folder, key, value):
    changed(folder, **{key: value})
    assert "svd" in refusal()


def test_missing_weights_are_named(folder):
    (folder / "svd.safetensors").unlink()
    assert refusal() == "svd.safetensors: could not be read (No such file or directory)"


@pytest.fixture
def aliased(folder):
    """A catalogue with one model under two names."""
    catalogue.write_aliases(folder, {"singing": "svd", "gone": "no-such-model", "svd": "singing"})
    return folder


def test_an_alias_is_another_name_of_the_same_listener(aliased):
    assert catalogue.names() == ["singing", "svd"]
    assert catalogue.aliases() == {"singing": "svd"}
    assert catalogue.load("singing") is catalogue.load("svd")
    assert catalogue.load("singing").name == "svd"
    with pytest.raises(InputError, match=r"expected one of singing, svd, got 'singin'; did you mean singing\?$"):
        catalogue.load("singin")


def test_aliases_and_folders_are_no_models(aliased):
    (aliased / "folk").mkdir()
    (aliased / "folk" / "tunes.json").write_text("{}")
    assert catalogue.names() == ["singing", "svd"]
    for name in ("aliases", "folk", "gone"):
        with pytest.raises(InputError, match=r"^model: expected one of singing, svd, got"):
            catalogue.load(name)


@pytest.mark.parametrize("text", ["", "[]", "null", '"svd"', '{"singing": ["svd"]', "[" * 100_000, "\udcff"])
def test_damaged_aliases_are_named(aliased, text):
    (aliased / "aliases.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"^aliases\.json: expected names of models, found it damaged"):
        catalogue.load("singing")


def test_what_is_shipped_loads_and_the_aliases_name_those_that_validate_best():
    listeners = {name: catalogue.load(name) for name in catalogue.names()}
    assert {"svd", "style-mlp", "style-cnn"} <= listeners.keys()
    aliases = catalogue.aliases()
    for name, listener in listeners.items():
        assert listener.name == aliases.get(name, name)
        assert "weights_licence" in listener.card
        assert listener.card["name"] == listener.name
    for alias, name in aliases.items():
        rivals = [one for one in listeners if one.startswith(f"{alias}-") and one.endswith("-artist")]
        assert name == max(rivals, key=lambda rival: listeners[rival].card["valid"]["mean_recall"])


def test_scattering_systems_are_loaded_by_name_and_have_cards(folder, listener):
    (folder / catalogue.SCATTERING).mkdir()
    catalogue.write(folder / catalogue.SCATTERING / "scattering-x.json", tensors_of(listener), CARD)
    assert catalogue.names() == ["svd"]                # not offered where a spectrogram is drawn
    assert catalogue.scattering_names() == ["scattering-x"]
    assert catalogue.load("scattering-x").name == "scattering-x"
    assert [card["name"] for card in catalogue.cards()] == ["scattering-x", "svd"]
    with pytest.raises(InputError, match="did you mean scattering-x"):
        catalogue.load("scatering-x")


def test_what_is_written_exactly_stays_exact(tmp_path):
    values = torch.tensor([1 / 3, 1e-9], dtype=torch.float64)
    catalogue.write(tmp_path / "a.json", {"exact": values, "half": values}, CARD, exact=("exact",))
    found = load_file(tmp_path / "a.safetensors")
    assert torch.equal(found["exact"], values)
    assert found["half"].dtype == torch.float16
