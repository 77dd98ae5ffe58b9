"""Listeners of small models, each in its process, and consent that is not the user's."""

import pytest
import torch

from engine.models import catalogue, foreign_consent, foreign_loading
from tests.engine.foreign_models import WAVES, write_card


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """A folder for consent that is not the user's."""
    folder = tmp_path_factory.mktemp("config")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(foreign_consent.platformdirs, "user_config_dir", lambda name: str(folder / name))
        yield folder


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Where the models lie."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def opened(config, models):
    """Makes listeners of cards; their processes are ended afterwards."""
    made = []

    def of(card):
        path = write_card(models, card)
        foreign_loading.trusted(path)
        made.append(catalogue.opened(str(path)))
        return made[-1]
    yield of
    for one in made:
        one.worker.close()


@pytest.fixture(scope="module")
def waves(opened):
    return opened(WAVES)


def loud(listener, level, *, gradient=False):
    """What it answers to a sound whose first sample is as loud."""
    y = torch.zeros(1, 2000)
    y[0, 0] = level
    return listener.worker.outputs(y.requires_grad_(gradient))
