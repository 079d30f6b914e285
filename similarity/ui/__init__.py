"""Everything that imports streamlit: a folder of parts per page, and what pages share."""
