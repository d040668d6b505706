"""Rules on many simulated or drawn examples: no database, but time."""
