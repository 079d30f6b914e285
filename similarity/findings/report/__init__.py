"""Reports: a board as one file that needs nothing else."""
