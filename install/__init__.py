"""Install what the project needs into .venv, with the standard library only."""
