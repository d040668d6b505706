"""The shapes that go in and out, one file per noun; `common` holds what they share."""
