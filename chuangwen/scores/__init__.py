"""计分: see docs/glossary.md for the terms."""
