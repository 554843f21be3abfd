"""The marking desk: a local page on which people mark written answers, question by question over the whole class."""
