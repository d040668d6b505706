"""吹哨报到: see docs/glossary.md for the terms."""
