"""How often each method finds the right products, and what that costs."""
