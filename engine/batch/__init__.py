"""Folders and clusters: a question put to very many files, each once, wherever there are workers."""

from engine.batch.journal import Answered, Journal
from engine.batch.running import Outcome, run
from engine.batch.table import write_table
from engine.batch.workers import cluster, versions

__all__ = ["Answered", "Journal", "Outcome", "cluster", "run", "versions", "write_table"]
