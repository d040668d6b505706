"""佐证: see docs/glossary.md for the terms."""
