"""Workers: processes of one thread on this machine, or those of any dask cluster that runs already."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
from collections.abc import Iterator
from importlib import metadata
from typing import TYPE_CHECKING

from engine.checks import InputError, within

if TYPE_CHECKING:   # loaded by those who run a batch
    from distributed import Client

WAIT_SECONDS = 15       # for a scheduler to answer
MOST_DEATHS = 2         # of workers over one chunk, before it is taken apart
QUIET = {"distributed.scheduler.allowed-failures": MOST_DEATHS, "distributed.logging.distributed": "critical",
         "distributed.worker.memory.terminate": 0.95}


@contextlib.contextmanager
def cluster(*, workers: int | None = None, scheduler: str | None = None) -> Iterator[Client]:
    """A client of a cluster, which is closed with it if it was made for it.

    Parameters
    ----------
    workers
        Processes on this machine; None for one a core.
    scheduler
        Address of a cluster to be used instead, such as tcp://host:8786.

    Raises
    ------
    InputError
        When no scheduler answers there, it has no workers or cannot import Otoscope, or theirs is not this version.
    """
    import dask
    from distributed import Client, LocalCluster

    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(QUIET))
        if scheduler is None:
            n = round(within(os.cpu_count() or 1 if workers is None else workers, 1, 4096, "--workers"))
            local = stack.enter_context(LocalCluster(n_workers=n, threads_per_worker=1, dashboard_address=None,
                                                     memory_limit="auto", silence_logs=logging.CRITICAL))
            yield stack.enter_context(Client(local))
            return
        try:
            client = stack.enter_context(Client(scheduler, timeout=WAIT_SECONDS))
        except (OSError, ValueError) as error:
            raise InputError("--scheduler: expected the address of one that runs, such as tcp://host:8786, got "
                             f"{scheduler!r:.80}, which does not answer ({type(error).__name__})") from None
        _alike(client, scheduler)
        yield client


def _alike(client: Client, scheduler: str) -> None:
    """Refuse workers that would answer by another version, and a scheduler that cannot read what it hands on."""
    try:
        client.run_on_scheduler(versions)
        theirs = client.run(versions)
    except Exception as error:  # whatever is wrong over there
        raise InputError(f"{scheduler}: it or its workers cannot run Otoscope ({type(error).__name__}: {error!s:.120})"
                         "; install the same version there, or start them in its folder") from None
    if not theirs:
        raise InputError(f"{scheduler}: expected workers, the scheduler has none; start some with: dask worker "
                         f"{scheduler}")
    ours = versions()
    other = next((where for where, facts in theirs.items() if facts != ours), None)
    if other is not None:
        raise InputError(f"{scheduler}: expected workers with {ours}, {other} has {theirs[other]}; install the same "
                         "versions")


def versions() -> dict[str, str]:
    """What an answer depends on beside its question: packages by name."""
    return {"python": platform.python_version(), **{name: _version(name) for name in ("otoscope", "torch", "numpy")}}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "source"     # run where it lies, without installing
