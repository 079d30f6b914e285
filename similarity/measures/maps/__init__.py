"""Where each method puts products on a plane, and what moves between two methods."""
