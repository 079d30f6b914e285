"""Progress bars with count, rate and remaining time, and printing what comes from outside."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.store.progress import Step


def finish(console: Console, work: Callable[[], int]) -> int:
    """Do a command's work; returns its exit code, 1 for an error, 130 after Ctrl-C."""
    try:
        return work()
    except SimilarityError as error:
        say(console, f"Error: {explain_error(error)}", "red")
        return 1
    except OSError as error:
        say(console, f"Error: {error}", "red")
        console.print("Put that right and run the same command again: it goes on from there.")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. The same command goes on where this one stopped.")
        return 130


class RateColumn(ProgressColumn):
    """Items a second, counted from where this run began."""

    def render(self, task: Task) -> Text:
        speed = task.speed or 0
        return Text(f"{speed:,.{1 if speed < 10 else 0}f}/s" if speed else "", style="cyan")


class Steps:
    """One bar for each thing that is being done, to be used in a `with`."""

    def __init__(self, console: Console) -> None:
        self.bars = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description} {task.fields[note]}"),
            BarColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
        )
        self._tasks: dict[str, int] = {}

    def __enter__(self) -> "Steps":
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def __call__(self, what: str, done: int, total: int, note: str = "") -> None:
        """`done` of `total` are done; a total of 0 is one that isn't known."""
        size = total or None
        if what not in self._tasks:
            self._tasks[what] = self.bars.add_task(what, total=size, completed=done, note=note)
        self.bars.update(self._tasks[what], completed=done, total=size, note=note)  # type: ignore[arg-type]
        for other, task in self._tasks.items():
            if other.startswith("Loading ") and other != what:
                self.bars.update(task, total=1, completed=1)  # type: ignore[arg-type]


def megabytes_of(what: str, step: Step, about: int = 0) -> Callable[[int, int], None]:
    """The progress of a transfer, told in bytes, as a step that counts megabytes.

    `about` is how many bytes there will be where nobody tells; it grows with what comes.
    """

    def told(done: int, total: int) -> None:
        step(f"{what}, MB", done // 1_000_000, (total or max(about, done)) // 1_000_000)

    return told


def say(console: Console, text: str, style: str = "") -> None:
    """Print a line with text from outside: markup stays text, control characters are spelt out."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    console.print(Text(shown, style), soft_wrap=True)
