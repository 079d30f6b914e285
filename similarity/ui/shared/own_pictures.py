"""Pictures that a visitor dropped: the last few are kept, for this session alone."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from similarity.errors import SimilarityError
from similarity.pictures import MAX_UPLOAD, read_picture, thumbnail
from similarity.store.paths import product_id

KEPT = 5  # so that the browser's back button finds the ones before
KEPT_BYTES = 2 * MAX_UPLOAD
STATE = "own_pictures"


@dataclass(frozen=True)
class OwnPicture:
    """A picture that the visitor gave: its content, checked, and a thumbnail of it."""

    id: str
    name: str
    content: bytes
    thumbnail: bytes


def take(file: UploadedFile) -> OwnPicture:
    """Keep an uploaded picture. Raises SimilarityError, and keeps nothing of it, if it is bad.

    Streamlit would hold every uploaded file until the session ends: it lets go of this one now.
    """
    try:
        if file.size > MAX_UPLOAD:
            raise SimilarityError(f"it is larger than {MAX_UPLOAD // 1_000_000} MB")
        content = file.getvalue()
        own = OwnPicture(product_id(content), file.name, content, thumbnail(read_picture(content)))
    finally:
        context = get_script_run_ctx()
        if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
    kept: dict[str, OwnPicture] = st.session_state.setdefault(STATE, {})
    kept.pop(own.id, None)
    kept[own.id] = own
    while len(kept) > KEPT or sum(len(one.content) for one in kept.values()) > KEPT_BYTES:
        del kept[next(iter(kept))]
    return own


def find(picture: str) -> OwnPicture | None:
    """A picture that is still kept."""
    return st.session_state.get(STATE, {}).get(picture)
