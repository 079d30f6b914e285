"""Uploaded pictures: the last few of each session are kept."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from similarity.errors import SimilarityError
from similarity.pictures.limits import MAX_UPLOAD
from similarity.pictures.read import read_with_note
from similarity.pictures.thumbnails import make_thumbnail
from similarity.store.paths import compute_product_id

MAX_PICTURES = 5  # so that the browser's back button finds the previous ones
MAX_BYTES = 2 * MAX_UPLOAD
STATE = "uploaded_pictures"


@dataclass(frozen=True)
class Upload:
    """An uploaded picture: its verified content, a thumbnail, and a note if it is damaged."""

    id: str
    name: str
    content: bytes
    thumbnail: bytes
    note: str = ""


def add_upload(file: UploadedFile) -> Upload:
    """Store an uploaded picture. Raises SimilarityError, and stores nothing, if it is invalid.

    Streamlit would hold every uploaded file until the session ends; this releases it at once.
    """
    try:
        if file.size > MAX_UPLOAD:
            raise SimilarityError(f"it is larger than {MAX_UPLOAD // 1_000_000} MB")
        return store_picture(file.name, file.getvalue())
    finally:
        context = get_script_run_ctx()
        if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def store_picture(name: str, content: bytes) -> Upload:
    """Store a picture by its file's name and content. Raises as `add_upload`."""
    picture, note = read_with_note(content)
    upload = Upload(compute_product_id(content), name, content, make_thumbnail(picture), note)
    pictures: dict[str, Upload] = st.session_state.setdefault(STATE, {})
    pictures.pop(upload.id, None)
    pictures[upload.id] = upload
    while (
        len(pictures) > MAX_PICTURES
        or sum(len(picture.content) for picture in pictures.values()) > MAX_BYTES
    ):
        del pictures[next(iter(pictures))]
    return upload


def find_picture(picture: str) -> Upload | None:
    """Return a picture if it is still stored."""
    return st.session_state.get(STATE, {}).get(picture)
