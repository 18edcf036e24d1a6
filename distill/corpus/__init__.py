"""The texts that teacher and student learn from."""
