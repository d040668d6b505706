"""What other programs may read of the work, and how they report: public cases, keys of programs, the data package."""
