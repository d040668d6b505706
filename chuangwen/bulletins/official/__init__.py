"""Official papers as files: the same paper as .docx and as PDF, both from rules/official_paper.py."""
