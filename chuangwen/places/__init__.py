"""区域与点位: see docs/glossary.md for the terms."""
