"""通知: see docs/glossary.md for the terms."""
