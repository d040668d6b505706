"""网上申报: what material a criterion needs, who hands it in, what came, what a reviewer said of it, what goes out."""
