"""排查与专项: see docs/glossary.md for the terms."""
