"""通报: see docs/glossary.md for the terms."""
