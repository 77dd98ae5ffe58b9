"""Layers are named from input to output, and hold what the network itself computes on its way."""

from __future__ import annotations

import pytest
import torch

from engine.checks import InputError
from engine.models.style_listener import FrameMlpListener, PatchCnnListener


def style_tensors(net, bins=513):
    return {**net.state_dict(), "mean": torch.zeros(bins), "std": torch.ones(bins), "data_minimum": torch.tensor(0.0)}


@pytest.fixture
def mlp():
    from engine.models.frame_mlp import FrameMlp

    torch.manual_seed(0)
    return FrameMlpListener("mlp", style_tensors(FrameMlp(20, 3)), {"labels": ["a", "b", "c"]})


@pytest.fixture
def cnn():
    from engine.models.patch_cnn import PatchCnn

    torch.manual_seed(0)
    return PatchCnnListener("cnn", style_tensors(PatchCnn(4)), {"labels": ["a", "b", "c", "d"]})


def excerpts(listener, n=2):
    return torch.randn(n, listener.front_end.bands, listener.window, generator=torch.Generator().manual_seed(1))


def test_the_detector_names_what_it_is_built_of(listener):
    shapes = {layer.name: layer.shape for layer in listener.layers}
    assert list(shapes.items()) == [
        ("conv1", (64, 78, 113)), ("conv2", (32, 76, 111)), ("pool1", (32, 25, 37)), ("conv3", (128, 23, 35)),
        ("conv4", (64, 21, 33)), ("pool2", (64, 7, 11)), ("dense1", (256,)), ("dense2", (64,)), ("logit", (1,))]
    assert all(layer.neurons == layer.shape[0] for layer in listener.layers)


def test_style_networks_name_what_they_are_built_of(mlp, cnn):
    assert [(layer.name, layer.shape) for layer in mlp.layers] == [
        ("hidden1", (20, 100)), ("hidden2", (20, 100)), ("hidden3", (20, 100)), ("logits", (3, 100))]
    assert [(layer.name, layer.shape) for layer in cnn.layers] == [
        ("conv1", (32, 127, 98)), ("pool1", (32, 63, 49)), ("conv2", (48, 59, 47)), ("pool2", (48, 14, 11)),
        ("dense1", (100,)), ("logits", (4,))]


def test_the_output_is_that_of_the_network(listener, mlp, cnn):
    S = excerpts(listener)
    torch.testing.assert_close(listener.activations(S, "logit")[:, 0], listener.net(S))
    S = excerpts(mlp)
    frames = dict(mlp.passing(S))["logits"]
    torch.testing.assert_close(torch.softmax(frames, dim=1).mean(dim=2).log(), mlp.scores(S))
    torch.testing.assert_close(mlp.activations(S, "logits"), frames.mean(dim=2))
    S = excerpts(cnn)
    torch.testing.assert_close(cnn.activations(S, "logits"), cnn.scores(S))


def test_pooled_and_dense_layers_are_those_behind_the_shortcuts(listener, cnn):
    S = excerpts(listener)
    torch.testing.assert_close(dict(listener.passing(S))["pool2"], listener.net.cells(S))
    torch.testing.assert_close(listener.net.rest(listener.activations(S, "dense1")), listener.net(S))
    S = excerpts(cnn)
    torch.testing.assert_close(dict(cnn.passing(S))["pool2"], cnn.net.cells(S)[..., :11])


def test_a_feature_map_has_one_activation(listener):
    S = excerpts(listener)
    maps = dict(listener.passing(S))["conv3"]
    torch.testing.assert_close(listener.activations(S, "conv3"), maps.mean(dim=(2, 3)))


@pytest.mark.parametrize("layer", ["conv1", "pool1", "dense2", "logit"])
def test_gradients_reach_the_excerpt(listener, layer):
    S = excerpts(listener).requires_grad_()
    listener.activations(S, layer)[:, 0].sum().backward()
    assert float(S.grad.abs().max()) > 0


def test_an_unknown_layer_is_named_with_the_choices(listener):
    with pytest.raises(InputError, match=r"layer of random: expected one of conv1, .*, logit, got 'dens1'; did you "
                                         r"mean dense1\?"):
        listener.layer("dens1")
