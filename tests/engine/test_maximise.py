"""Growing examples finds known maxima, treats every example alone, survives what explodes, and stops at once."""

from __future__ import annotations

import math
import time
from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.checks import InputError
from engine.explain import fid
from engine.explain.maximise import AT_ONCE, Prior, Settings, maximise
from engine.explain.maximise_grid import Grid, Ranked, beyond, examples_of, ranked, search
from engine.explain.maximise_input import InputRegularisers, blurred, plain_input, total_variation
from engine.job import Cancelled
from tests.engine.gaussians import gaussian

D = 6
SUMMIT = torch.linspace(-1, 1, D)


def begin(seed):
    return torch.randn(D, generator=torch.Generator().manual_seed(seed))


LINE = Prior("line", begin, lambda z: z[:, None, :])


def hill(features):
    """1 at the summit, less around it."""
    return 1 - (features[:, 0] - SUMMIT).square().sum(dim=1)


def test_the_summit_of_a_hill_is_found():
    run = maximise(hill, LINE, seeds=range(5), settings=Settings(lr=0.05, reg=0.0, iterations=600))
    torch.testing.assert_close(run.snapshots[-1].points, SUMMIT.expand(5, D), atol=1e-3, rtol=0)
    torch.testing.assert_close(run.activations[:, -1], torch.ones(5))
    assert bool((run.activations[:, -1] > run.activations[:, 0]).all())


def test_the_length_of_the_point_holds_it_back_as_it_should():
    """Of 1 - |z - s|^2 - reg |z| the maximum lies at (1 - reg / (2 |s|)) s."""
    reg = 0.8
    run = maximise(hill, LINE, seeds=[0, 1], settings=Settings(lr=0.02, reg=reg, iterations=1500))
    expected = (1 - reg / (2 * float(SUMMIT.norm()))) * SUMMIT
    torch.testing.assert_close(run.snapshots[-1].points, expected.expand(2, D), atol=2e-3, rtol=0)


def test_minimising_is_maximising_the_opposite():
    settings = Settings(lr=0.03, reg=0.1, iterations=50)
    up = maximise(lambda f: -hill(f), LINE, seeds=[3], settings=settings)
    down = maximise(hill, LINE, seeds=[3], settings=Settings(lr=0.03, reg=0.1, iterations=50, minimise=True))
    assert torch.equal(up.snapshots[-1].points, down.snapshots[-1].points)
    assert torch.equal(up.activations, -down.activations)


@pytest.mark.parametrize(("name", "make"), [
    ("adam", lambda z: torch.optim.Adam([z], lr=0.03)), ("sgd", lambda z: torch.optim.SGD([z], lr=0.03, momentum=0.9))])
def test_the_steps_are_those_of_the_known_optimisers(name, make):
    z = begin(7)[None].clone().requires_grad_()
    optimiser = make(z)
    for _ in range(40):
        optimiser.zero_grad()
        (0.2 * z.norm() - torch.sin(3 * z).sum()).backward()
        optimiser.step()
    run = maximise(lambda f: torch.sin(3 * f[:, 0]).sum(dim=1), LINE, seeds=[7],
                   settings=Settings(lr=0.03, reg=0.2, iterations=40, optimiser=name))
    torch.testing.assert_close(run.snapshots[-1].points, z.detach(), atol=1e-5, rtol=1e-5)


def test_an_example_is_the_same_whatever_grows_beside_it(listener):
    prior = plain_input(80, 115)
    score = lambda S: listener.activations(S, "logit")[:, 0]  # noqa: E731
    settings = Settings(lr=0.05, reg=0.01, iterations=3)
    alone = maximise(score, prior, seeds=[5], settings=settings).snapshots[-1]
    several = maximise(score, prior, seeds=[1, 2, 3, 4, 5, 6, 7], settings=settings).snapshots[-1]
    assert torch.equal(alone.features[0], several.features[4])
    assert alone.activations[0] == several.activations[4]


def test_every_example_may_have_its_own_settings():
    pairs = [Settings(lr=lr, reg=reg, iterations=30) for lr in (0.1, 0.01) for reg in (0.5, 0.0)]
    together = maximise(hill, LINE, seeds=[2] * 4, settings=pairs)
    for i, one in enumerate(pairs):
        alone = maximise(hill, LINE, seeds=[2], settings=one)
        assert torch.equal(together.activations[i], alone.activations[0])


def test_snapshots_lie_on_the_way():
    long = maximise(hill, LINE, seeds=[0, 1], settings=Settings(iterations=60), snapshots=[0, 20])
    assert [s.iteration for s in long.snapshots] == [0, 20, 60]
    short = maximise(hill, LINE, seeds=[0, 1], settings=Settings(iterations=20))
    assert torch.equal(long.snapshots[1].points, short.snapshots[-1].points)
    assert torch.equal(long.snapshots[1].activations, long.activations[:, 20])
    torch.testing.assert_close(long.snapshots[0].points, torch.stack([begin(0), begin(1)]))


def test_what_explodes_ends_alone():
    """Beyond 2 the second example's landscape is no number; the others go on as if it were not there."""
    def cliff(features):
        x = features[:, 0, 0]
        return torch.where(x > 2, torch.nan, x) - features[:, 0, 1:].square().sum(dim=1)

    settings = [Settings(lr=lr, reg=0.0, iterations=50) for lr in (0.001, 0.5, 0.002)]
    run = maximise(cliff, LINE, seeds=[0, 1, 2], settings=settings)
    assert run.failed[0] is None
    assert run.failed[2] is None
    end = run.failed[1]
    assert end is not None
    assert bool(run.activations[1, :end].isfinite().all())
    assert bool(run.activations[1, end:].isnan().all())
    assert bool(run.activations[[0, 2]].isfinite().all())
    assert bool(run.snapshots[-1].features.isfinite().all())     # what it was last is kept to be looked at
    alone = maximise(cliff, LINE, seeds=[2], settings=settings[2])
    assert torch.equal(alone.activations[0], run.activations[2])


def test_endless_growth_is_an_explosion():
    run = maximise(lambda f: f[:, 0].square().sum(dim=1), LINE, seeds=[0],
                   settings=Settings(lr=10.0, reg=0.0, iterations=200, optimiser="sgd"))
    assert run.failed[0] is not None
    assert run.failed[0] < 200


def test_a_growing_example_is_shown():
    seen = []
    maximise(hill, LINE, seeds=range(AT_ONCE + 1), settings=Settings(iterations=25), watch=seen.append)
    assert [g.iteration for g in seen] == list(range(26))
    assert [tuple(g.activations.shape) for g in seen] == [(4, n) for n in range(1, 27)]
    assert seen[0].features.shape == (4, 1, D)
    assert all(bool((a.features != b.features).any()) for a, b in pairwise(seen)), "each is as it was, not as it is"


def test_it_stops_when_asked(listener):
    asked = 0.0

    def report(progress):
        nonlocal asked
        if progress.done > 6:
            asked = time.perf_counter()
            raise Cancelled
    with pytest.raises(Cancelled):
        maximise(lambda S: listener.activations(S, "logit")[:, 0], plain_input(80, 115), seeds=range(9),
                 settings=Settings(iterations=1000), report=report)
    assert time.perf_counter() - asked < 0.1


def test_reports_come_often(listener):
    times = [time.perf_counter()]
    maximise(lambda S: listener.activations(S, "logit")[:, 0], plain_input(80, 115), seeds=range(7),
             settings=Settings(iterations=2), report=lambda p: times.append(time.perf_counter()))
    assert len(times) == 1 + 3 * 3      # before every pass of three examples


@pytest.mark.parametrize(("change", "message"), [
    ({"lr": 0}, "lr"), ({"lr": math.nan}, "lr"), ({"reg": -1}, "reg"), ({"iterations": -1}, "iterations"),
    ({"optimiser": "adm"}, "did you mean adam")])
def test_impossible_settings_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        maximise(hill, LINE, seeds=[0], settings=Settings(**change))


def test_examples_of_one_batch_go_as_far():
    with pytest.raises(InputError, match="those of all examples"):
        maximise(hill, LINE, seeds=[0, 1], settings=[Settings(iterations=1), Settings(iterations=2)])
    with pytest.raises(InputError, match="one or more"):
        maximise(hill, LINE, seeds=[], settings=Settings())


def test_total_variation_of_steps_is_known():
    S = torch.zeros(1, 4, 10)
    S[:, :, 5:] = 2.0
    assert float(total_variation(S)) == pytest.approx(2.0 * 4 / (4 * 9))


def test_blurring_keeps_what_is_flat_and_spreads_what_is_not():
    flat = torch.full((2, 20, 30), 1.5)
    torch.testing.assert_close(blurred(flat, 1.0), flat)
    point = torch.zeros(1, 21, 31)
    point[0, 10, 15] = 1.0
    spread = blurred(point, 1.5)
    assert float(spread.sum()) == pytest.approx(1.0, abs=1e-5)
    rows = torch.arange(21) - 10.0
    assert float((spread[0].sum(1) * rows**2).sum()) == pytest.approx(1.5**2, rel=0.03)


def test_the_plain_input_is_smoother_the_more_it_is_held_back():
    loud = lambda S: (S * torch.sign(torch.sin(torch.arange(30.0) * 2))).sum(dim=(1, 2))  # noqa: E731
    settings = Settings(lr=0.05, reg=0.0, iterations=40)
    ends = [maximise(loud, plain_input(20, 30, regularisers=InputRegularisers(tv, blur, 5, 0)), seeds=[0],
                     settings=settings).snapshots[-1].points for tv, blur in ((0.0, 0.0), (0.0, 1.0), (1e4, 0.0))]
    free, blurry, even = (float(total_variation(points)) for points in ends)
    assert blurry < 0.5 * free
    assert even < 0.5 * free


def test_the_plain_input_stays_within_what_sounds_have():
    most = torch.linspace(0.1, 0.8, 8)[:, None].expand(8, 10)
    run = maximise(lambda S: S.sum(dim=(1, 2)), plain_input(8, 10, least=torch.full((8, 10), -1.0), most=most),
                   seeds=[0], settings=Settings(lr=0.2, reg=0.0, iterations=20))
    torch.testing.assert_close(run.snapshots[-1].points[0], most)


class Kept(dict):
    def load(self, seed):
        return self.get(seed)

    def save(self, seed, arrays):
        self[seed] = arrays


def hidden(features):
    return features[:, 0, :4]


GRID = Grid(lrs=(0.5, 0.05), regs=(0.1, 0.0), iterations=(5, 20), seeds=6)
REAL = gaussian(SUMMIT[:4].double().numpy(), 1e-4 * np.eye(4))


def test_a_search_ranks_by_distance_to_the_real():
    found = search(hill, LINE, hidden, REAL, grid=GRID)
    assert len(found) == 8
    assert {(s.lr, s.reg, s.iterations) for s in found} == {
        (lr, reg, n) for lr in GRID.lrs for reg in GRID.regs for n in GRID.iterations}
    assert [s.fid for s in found] == sorted(s.fid for s in found)
    one = next(s for s in found if (s.lr, s.reg, s.iterations) == (0.05, 0.1, 5))
    run = maximise(hill, LINE, seeds=range(6), settings=Settings(lr=0.05, reg=0.1, iterations=5))
    assert one.fid == pytest.approx(fid.distance(hidden(run.snapshots[-1].features).numpy(), REAL), rel=1e-5)
    assert one.activation == pytest.approx(float(run.activations[:, -1].mean()), rel=1e-5)
    assert (one.n, one.failed) == (6, 0)


def test_a_search_goes_on_where_it_was():
    kept, calls = Kept(), []

    def report(progress):
        calls.append(progress)
        if len(calls) == 150:
            raise Cancelled
    with pytest.raises(Cancelled):
        search(hill, LINE, hidden, REAL, grid=GRID, store=kept, report=report)
    before = dict(kept)
    assert 2 <= len(before) < 6
    told = []
    again = search(hill, LINE, hidden, REAL, grid=GRID, store=kept, watch=told.append)
    assert [ranking[0].n for ranking in told] == list(range(len(before), 6)), "what was kept is told at once"
    assert told[0] == ranked(GRID, [before[seed] for seed in range(len(before))], REAL)
    assert all(kept[seed] is before[seed] for seed in before)
    assert again == search(hill, LINE, hidden, REAL, grid=GRID)
    fractions = [p.fraction for p in calls]
    assert fractions == sorted(fractions)


def test_the_most_natural_setting_beyond_real_music():
    ranking = [Ranked(0.001, 0.1, 100, 2.0, 0.8, 6, 0), Ranked(0.01, 0.1, 100, 3.0, 5.0, 6, 0),
               Ranked(0.1, 0.1, 100, 4.0, 9.0, 6, 0), Ranked(1.0, 0.1, 100, None, None, 0, 6)]
    assert beyond(ranking, 4.9, minimise=False) == ranking[1]
    assert beyond(ranking, 9.0, minimise=False) is None
    assert beyond(ranking, 4.9, minimise=True) == ranking[0]


def test_settings_whose_examples_explode_come_last():
    def cliff(features):
        return torch.where(features[:, 0, 0] > 3, torch.nan, features[:, 0].sum(dim=1))

    grid = Grid(lrs=(1.0, 0.001), regs=(0.0,), iterations=(20,), seeds=3)
    found = search(cliff, LINE, hidden, REAL, grid=grid)
    assert (found[-1].lr, found[-1].fid, found[-1].n, found[-1].failed) == (1.0, None, 0, 3)
    assert found[-1].activation is None
    assert found[0].fid is not None


def test_part_of_a_search_can_be_ranked():
    some = [examples_of(hill, LINE, hidden, grid=GRID, seed=seed) for seed in (0, 1, 2)]
    assert all(s.n == 3 for s in ranked(GRID, some, REAL))


def test_a_search_of_nothing_is_refused():
    with pytest.raises(InputError, match="one or more of lr, reg"):
        search(hill, LINE, hidden, REAL, grid=Grid(lrs=()))
    with pytest.raises(InputError, match="seeds"):
        search(hill, LINE, hidden, REAL, grid=Grid(seeds=0))
