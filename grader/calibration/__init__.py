"""Measure how often a gate fails right solutions and passes wrong ones; store and draw the results."""
