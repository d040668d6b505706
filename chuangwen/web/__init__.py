"""页面: see docs/glossary.md for the terms."""
