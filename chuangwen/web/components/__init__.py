"""Template components: one template each, its options at the top, an example in `samples`."""
