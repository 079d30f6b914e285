"""The parts of the Map page: linked maps, and what changes between two of them."""
