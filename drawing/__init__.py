"""Draw the demo's products: pictures by rules and chance, with what is known of each.

The demo itself is `assets/demo.zip`, which `python -m drawing` wrote: building it draws nothing.
"""

from .catalogue import write_demo, write_digikala, write_folder
from .kinds import KINDS

__all__ = ["KINDS", "write_demo", "write_digikala", "write_folder"]
