"""A demo catalogue: product pictures drawn by this package, with what is known of each."""

from .catalogue import write_archive, write_demo
from .kinds import KINDS

VERSION: int = 1
"""Raise it whenever the pictures or their metadata change."""

__all__ = ["KINDS", "VERSION", "write_archive", "write_demo"]
