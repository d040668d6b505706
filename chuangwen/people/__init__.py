"""单位与人员: see docs/glossary.md for the terms."""
