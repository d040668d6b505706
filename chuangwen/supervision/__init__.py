"""督查: see docs/glossary.md for the terms."""
