"""Read untrusted pictures, and make thumbnails of them. docs/reading.md says what is read."""

# How pictures are read. Increase it whenever the pixels of a picture change: vectors, thumbnails
# and measures of other revisions are made again.
REVISION = 2
