"""The outside world: for each channel a real way out, and a quiet one where none is set up. Only `jobs` comes here."""
