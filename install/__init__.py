"""Installs what the project needs into .venv, and makes the lists of it. Standard library only."""
