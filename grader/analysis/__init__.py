"""What a class tells about its checks: how hard each is, whether it tells good work from bad, who made a mistake."""
