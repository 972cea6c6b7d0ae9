"""Read models: folded from streams, kept beside their bookmarks, filled anew."""
