"""案件: see docs/glossary.md for the terms."""
