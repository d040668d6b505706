"""Pages of one audience: public."""
