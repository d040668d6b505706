"""Filled forms that another client hands in, held until all of their pictures are here, then filed as a visit."""
