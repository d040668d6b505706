"""Residents' reports: taken at a printed code without a log-in, followed by a receipt number."""
