"""`maximise` and `layers` as they are typed, with what is shipped."""

from __future__ import annotations

import json
import re

import pytest

from engine.models import catalogue

QUICK = ("--lr", "0.05", "--iterations", "3", "--seeds", "2")


def test_layers_are_listed_from_input_to_output(ask, run):
    layers = ask("layers", "svd")["layers"]
    assert [layer["name"] for layer in layers][::len(layers) - 1] == ["conv1", "logit"]
    assert all(set(layer) == {"name", "neurons", "shape"} for layer in layers)
    assert (layers[-2]["neurons"], layers[-2]["shape"]) == (64, [64])
    for name in ("style-mlp", "style-cnn"):
        last = ask("layers", name)["layers"][-1]
        assert last["neurons"] == len(catalogue.load(name).labels)
    code, out, _ = run("layers", "svd")
    assert code == 0
    assert re.search(r"^dense1 +256  256$", out, re.MULTILINE)


def test_examples_come_with_every_figure(ask, tmp_path):
    answer = ask("maximise", "--model", "svd", "--layer", "dense2", "--neuron", "5", *QUICK, "--out", tmp_path / "out")
    assert {"examples", "fid", "fid_layer", "fid_n", "real_max", "seconds"} <= set(answer)
    assert [example["seed"] for example in answer["examples"]] == [0, 1]
    for example in answer["examples"]:
        assert {"seed", "activation", "activation_after_audio", "probability"} <= set(example)
        assert 0 <= example["probability"] <= 1
    assert (answer["fid"], answer["fid_layer"], answer["fid_n"]) == (None, "dense2", 2)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "seed-0.wav", "seed-1.wav", "gallery.png", "examples.csv", "maximise.json", "report.html"}
    assert json.loads((tmp_path / "out" / "maximise.json").read_text())["examples"] == answer["examples"]


def test_the_same_seed_makes_the_same(ask):
    once = ask("maximise", *QUICK)["examples"]
    again = ask("maximise", *QUICK, "--seed", "1")["examples"]
    assert once[1]["activation"] == again[0]["activation"]
    assert once[0]["activation"] != again[0]["activation"]


def test_it_goes_up_and_down(ask):
    up = ask("maximise", *QUICK)["examples"]
    down = ask("maximise", *QUICK, "--minimise")["examples"]
    assert all(d["activation"] < u["activation"] for d, u in zip(down, up, strict=True))


def test_other_priors_and_models_answer_too(ask):
    plain = ask("maximise", "--prior", "input", "--optimiser", "sgd", *QUICK)
    assert plain["prior"] == "input"
    style = ask("maximise", "--model", "style-mlp-50-artist", "--neuron", "2", *QUICK)
    assert style["meaning"] == catalogue.load("style-mlp-50-artist").labels[2]


def test_a_grid_is_searched_ranked_and_kept(ask, tmp_path):
    few = ("--lr", "0.05", "--iterations", "2", "--seeds", "2", "--work", tmp_path)
    answer = ask("maximise", "--grid", *few)
    assert len(answer["ranking"]) == 3
    assert {"lr", "reg", "iterations", "fid"} <= set(answer["ranking"][0])
    assert {setting["reg"] for setting in answer["ranking"]} == {0.1, 0.01, 0.001}
    assert answer["reg"] == answer["ranking"][0]["reg"]
    assert len(list(tmp_path.rglob("*.npz"))) == 2
    assert answer["fid_infinity"] is None
    assert ask("maximise", "--grid", *few)["ranking"] == answer["ranking"]
    least = ask("maximise", "--grid", "--minimise", *few)
    strong = [one for one in least["ranking"] if one["activation"] < least["real_max"]]
    assert least["beyond_real"] == (strong[0] if strong else None)


@pytest.mark.parametrize(("arguments", "said"), [
    ("--layer dense", "layer of svd: expected one of conv1, .*, logit, got 'dense'"),
    ("--layer dense2 --neuron 64", "neuron of svd's layer dense2: expected 0 to 63, got 64"),
    ("--neuron -1", "expected 0 to 0, got -1"), ("--neuron x", "--neuron"), ("--model svdd", "did you mean svd"),
    ("--prior vae", "--prior"), ("--lr 0", "lr: expected"), ("--reg nan", "reg"), ("--iterations -1", "iterations"),
    ("--seeds 0", "seeds"), ("--seed -1", "--seed"), ("--fid-layer x", "layer of svd"), ("--real /nowhere", "folder"),
    ("--optimiser adan", "--optimiser")])
def test_what_cannot_be_is_refused_in_one_sentence(refused, arguments, said):
    assert re.search(said, refused("maximise", *arguments.split()))


def test_an_unknown_model_has_no_layers(refused):
    assert "did you mean svd" in refused("layers", "svdd")
