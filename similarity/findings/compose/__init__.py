"""Compose what each page shows from its link, in the same words and figures as the page."""
