"""抽查复核: see docs/glossary.md for the terms."""
