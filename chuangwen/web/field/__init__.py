"""Pages of one audience: field."""
