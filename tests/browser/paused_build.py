"""Run `python -m tests.browser.paused_build FILE …`: a build that waits before it measures.

It is `python -m precompute …`, but waits for FILE to exist before it measures anything.
"""

import sys
import time
from pathlib import Path
from typing import Any

from precompute import stages
from precompute.__main__ import main

PAUSE = 0.05  # s

if __name__ == "__main__":
    _, file, *arguments = sys.argv
    measure = stages.compute_metrics

    def wait(generation: Any, products: Any, rates: Any, step: Any, failures: Any) -> Any:
        step("Measuring", 1, 4)
        while not Path(file).exists():
            time.sleep(PAUSE)
        return measure(generation, products, rates, step, failures)

    stages.compute_metrics = wait
    sys.exit(main(arguments))
