"""Hand a decision over to production: a folder that runs without this project."""
