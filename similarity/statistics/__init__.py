"""How sure figures are: intervals, tests, and what they have to know of dependent values."""
