"""A model's process talks, lies, hangs and dies; whoever asks hears one sentence, and the next question is answered."""
# ruff: noqa: F811

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
import torch

from engine.checks import InputError
from engine.job import Cancelled, wanted_while
from engine.models import catalogue, foreign_consent, foreign_loading, foreign_worker
from tests.engine.foreign_listeners import config, loud, models, opened, waves  # noqa: F401  (fixtures)
from tests.engine.foreign_models import ODD, RUDE, WAVES, Waves, write_card

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals, and looks into /proc")


@pytest.fixture(scope="module")
def odd(opened):
    return opened(ODD)


def alive(pid):
    """Whether there is a process that does more than wait to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def soon(true, seconds=15.0):
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def test_what_it_prints_is_no_answer_and_what_is_no_answer_is_said(opened):
    rude = opened(RUDE)
    pid = rude.worker.pid
    assert loud(rude, 0.1).shape == (1, 2)
    with pytest.raises(InputError, match="answers with numbers that are none"):
        loud(rude, 0.9)
    with pytest.raises(InputError, match=r"1 excerpts by 2 outputs, got \(1, 3\)"):
        rude.scores(rude.front_end(torch.tensor([0.6] + [0.0] * 1999))[None, :, : rude.window])
    with pytest.raises(InputError, match="gradient is NaN or infinite"):
        loud(rude, 0.1, gradient=True).sum().backward()
    assert rude.worker.pid == pid       # none of it was worth a new process


@pytest.mark.parametrize(("number", "words"), [(signal.SIGSEGV, r"crashed \(SIGSEGV\); the next question starts"),
                                               (signal.SIGKILL, "was killed, as systems do when memory runs out")])
def test_it_dies_at_work_and_the_next_question_starts_another(odd, number, words):
    pid = odd.worker.pid or loud(odd, 0.1) is None or odd.worker.pid

    def end():
        soon(lambda: odd.worker.busy)
        time.sleep(0.2)
        os.kill(pid, number)

    killer = threading.Thread(target=end)
    killer.start()
    with pytest.raises(InputError, match=words):
        loud(odd, 0.6)      # it would work for ever
    killer.join()
    assert loud(odd, 0.1).shape == (1, 2)
    assert odd.worker.pid != pid


def test_who_waits_no_more_is_let_go_at_once(odd, monkeypatch):
    monkeypatch.setattr(odd.worker, "seconds", 60.0)
    loud(odd, 0.1)
    pid, began = odd.worker.pid, time.monotonic()
    with wanted_while(lambda: time.monotonic() < began + 0.3), pytest.raises(Cancelled):
        loud(odd, 0.6)
    assert time.monotonic() - began < 10
    assert not alive(pid)
    with wanted_while(lambda: True):
        assert loud(odd, 0.1).shape == (1, 2)
    with wanted_while(lambda: False), pytest.raises(Cancelled):     # nothing is begun that nobody wants
        loud(odd, 0.1)


def test_all_end_at_once_and_start_again_when_asked(waves, odd):
    pids = [one.worker.pid for one in (waves, odd) if loud(one, 0.1) is not None]
    foreign_worker.end_all()
    assert not any(map(alive, pids))
    assert torch.allclose(loud(waves, 0.1), Waves()(torch.eye(1, 2000) * 0.1), atol=1e-7)


def test_no_process_outlives_a_program_that_is_killed(opened, tmp_path):
    path = write_card(tmp_path, {**ODD, "seconds": 600})
    foreign_loading.trusted(path)
    consent = foreign_consent.platformdirs.user_config_dir("otoscope")
    script = tmp_path / "asks.py"
    script.write_text(textwrap.dedent(f"""
        import torch
        from engine.models import catalogue, foreign_consent
        foreign_consent.platformdirs.user_config_dir = lambda name: {str(consent)!r}
        listener = catalogue.opened({str(path)!r})
        print(listener.worker.pid, flush=True)
        listener.worker.outputs(torch.full((1, 2000), 0.6))
    """))
    root = Path(foreign_worker.__file__).parents[2]
    asker = subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(root)},
                             stdout=subprocess.PIPE, text=True)
    pid = int(asker.stdout.readline())
    time.sleep(0.3)
    assert alive(pid)
    asker.kill()
    asker.wait()
    asker.stdout.close()
    assert soon(lambda: not alive(pid))


def test_a_model_is_read_again_only_when_its_file_changed(opened, monkeypatch, tmp_path):
    path = write_card(tmp_path, WAVES)
    foreign_loading.trusted(path)
    first = foreign_loading.load(path, "mine")
    reads = []
    real = foreign_loading.model_bytes
    monkeypatch.setattr(foreign_loading, "model_bytes", lambda one: reads.append(one) or real(one))
    assert foreign_loading.load(path, "mine") is first
    assert not reads
    model = tmp_path / "waves.pt"
    model.write_bytes(model.read_bytes() + b"\0")
    with pytest.raises(foreign_consent.NotAgreed) as refused:
        foreign_loading.load(path, "mine")
    assert (refused.value.card, refused.value.weights) == (path, model)
    with pytest.raises(InputError, match="has changed meanwhile"):
        foreign_loading.trusted(path, "0" * 64)
    foreign_loading.trusted(path, refused.value.sha256)
    assert foreign_loading.load(path, "mine") is not first
    foreign_loading.drop(path)
    with pytest.raises(foreign_consent.NotAgreed):
        foreign_loading.load(path, "mine")
    assert first.worker.pid is None


def test_own_models_have_names_of_their_own(opened, tmp_path):
    one = write_card(tmp_path, WAVES)
    (tmp_path / "other").mkdir()
    two = write_card(tmp_path / "other", WAVES)
    svd = tmp_path / "svd.json"
    svd.write_text(json.dumps({**WAVES, "title": "not the one that is shipped"}))
    try:
        catalogue.set_own([one, two, svd])
        assert catalogue.own() == {"waves": one, "waves 2": two, "svd 2": svd}
        assert catalogue.names()[:3] == ["svd 2", "waves", "waves 2"]
        assert catalogue.titles()["waves"] == f"Your own model, {one}"
        foreign_loading.trusted(two)
        assert catalogue.opened("waves 2").name == "waves 2"
        two.unlink()
        with pytest.raises(InputError, match=r"waves 2: expected its card at .*, found none there; was it moved\?"):
            catalogue.opened("waves 2")
        with pytest.raises(InputError, match="model: expected one of"):
            catalogue.load("waves")
    finally:
        catalogue.set_own([])
    assert "waves" not in catalogue.names()
