"""The cards of the Methods page."""
