"""Report the progress of a build to open apps."""

from time import monotonic

from similarity.store.progress import LONGEST, Progress, Step, write_progress

WRITE_INTERVAL = 0.5  # s


class Announcer:
    """A step callback that also writes the progress into a catalogue's lock file, for open apps."""

    def __init__(self, step: Step, lock: int) -> None:
        self._step, self._lock = step, lock
        # by activity: its start, and what was done before
        self._starts: dict[str, tuple[float, int]] = {}
        self._activity, self._written_at = "", 0.0

    def __call__(self, activity: str, done: int, total: int) -> None:
        """Report progress, as any Step."""
        self._step(activity, done, total)
        now = monotonic()
        start, done_before = self._starts.setdefault(activity, (now, done))
        if activity == self._activity and now - self._written_at < WRITE_INTERVAL and done < total:
            return
        self._activity, self._written_at = activity, now
        speed = (done - done_before) / (now - start) if done > done_before and now > start else 0
        left = (total - done) / speed if speed and done <= total else None
        write_progress(self._lock, Progress(activity[:LONGEST], min(done, total), total, left))
