"""The part of the core that knows streamlit: caches, the gallery, the query in the URL."""
