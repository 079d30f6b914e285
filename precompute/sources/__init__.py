"""Named catalogues, one file each."""

from .base import Source
from .clothing import CLOTHING
from .demo import DEMO
from .digikala import DIGIKALA

SOURCES: dict[str, Source] = {source.key: source for source in (DEMO, DIGIKALA, CLOTHING)}

__all__ = ["SOURCES", "Source"]
