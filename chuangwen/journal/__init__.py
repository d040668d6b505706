"""留痕: see docs/glossary.md for the terms."""
