"""Accountability (问责): prepared by the system, decided by people."""
