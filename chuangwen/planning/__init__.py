"""安排巡查路线: see docs/glossary.md for the terms."""
