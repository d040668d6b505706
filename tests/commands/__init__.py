"""Commands, workbooks and the sample: no database, but files and processes."""
