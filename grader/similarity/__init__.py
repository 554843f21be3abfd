"""Find submissions whose code is nearly the same. Staff alone see it, and it changes no score."""
