"""The pages of a blind vote: what a participant sees, and what the answers say."""
