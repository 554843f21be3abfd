"""Data sets: where they lie, how they are fetched and checked. Which ones there are is the course's business."""
