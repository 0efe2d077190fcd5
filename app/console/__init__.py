"""What `kva agent` does: check a desk's file, talk with the desk in a terminal, hear its voice."""
