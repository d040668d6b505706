"""Pages of one audience: desk."""
