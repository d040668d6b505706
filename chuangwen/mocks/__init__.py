"""模拟测评: see docs/glossary.md for the terms."""
