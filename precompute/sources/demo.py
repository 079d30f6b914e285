"""The demo: pictures drawn by the project, see the folder `drawing`."""

from pathlib import Path

from precompute.sources.archive import Archive

ARCHIVE = Path(__file__).parents[2] / "assets" / "demo.zip"
DEMO = Archive(key="demo", version="2", about="drawn for this project", place=ARCHIVE)
