"""Progress bars with rates and remaining time, and safe printing of untrusted text."""

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


def run_command(console: Console, work: Callable[[], int]) -> int:
    """Run a command's work; return its exit code: 1 for an error, 130 after Ctrl-C."""
    try:
        return work()
    except SimilarityError as error:
        print_line(console, f"Error: {explain_error(error)}", "red")
        return 1
    except OSError as error:
        print_line(console, f"Error: {error}", "red")
        console.print("Fix this and run the same command again; it resumes.")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. The same command resumes.")
        return 130


class RateColumn(ProgressColumn):
    """Items per second, counted from the start of this run."""

    def render(self, task: Task) -> Text:
        speed = task.speed or 0
        return Text(f"{speed:,.{1 if speed < 10 else 0}f}/s" if speed else "", style="cyan")


class Steps:
    """A progress bar for each activity, used in a `with` statement."""

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

    def __call__(self, activity: str, done: int, total: int, note: str = "") -> None:
        """Report that `done` of `total` are done; a total of 0 is unknown."""
        known_total = total or None
        if activity not in self._tasks:
            self._tasks[activity] = self.bars.add_task(
                activity, total=known_total, completed=done, note=note
            )
        self.bars.update(self._tasks[activity], completed=done, total=known_total, note=note)  # type: ignore[arg-type]
        for other, task in self._tasks.items():
            if other.startswith("Loading ") and other != activity:
                self.bars.update(task, total=1, completed=1)  # type: ignore[arg-type]


def count_megabytes(activity: str, step: Step, expected: int = 0) -> Callable[[int, int], None]:
    """Report the bytes of a transfer as a step that counts megabytes.

    `expected` is the total if the server doesn't state it; it grows if more arrives.
    """

    def report(done: int, total: int) -> None:
        step(f"{activity}, MB", done // 1_000_000, (total or max(expected, done)) // 1_000_000)

    return report


def print_line(console: Console, text: str, style: str = "") -> None:
    """Print a line of untrusted text, without markup and with control characters escaped."""
    console.print(Text(escape_controls(text), style), soft_wrap=True)


def escape_controls(text: str) -> str:
    """Return a text with control characters escaped, which could change what a terminal shows."""
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )
