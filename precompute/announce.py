"""Say to open apps how far a build is."""

from time import monotonic

from similarity.store.progress import LONGEST, Progress, Step, write_progress

EVERY = 0.5  # s


class Announcer:
    """A step that also says in a catalogue's lock file how far the build is, for open apps."""

    def __init__(self, step: Step, lock: int) -> None:
        self._step, self._lock = step, lock
        self._first: dict[str, tuple[float, int]] = {}  # when it began, and what was done before
        self._doing, self._written = "", 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        """As Step."""
        self._step(what, done, total)
        now = monotonic()
        began, before = self._first.setdefault(what, (now, done))
        if what == self._doing and now - self._written < EVERY and done < total:
            return
        self._doing, self._written = what, now
        speed = (done - before) / (now - began) if done > before and now > began else 0
        left = (total - done) / speed if speed and done <= total else None
        write_progress(self._lock, Progress(what[:LONGEST], min(done, total), total, left))
