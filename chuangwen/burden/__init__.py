"""Burden: standard minutes, budgets a role and month, what was claimed of them, and the reading of routine work."""
