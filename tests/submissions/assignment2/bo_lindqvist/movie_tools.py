"""What the three parts share."""

import re


def likes(ratings):
    return ratings["rating"] >= ratings["userId"].map(ratings.groupby("userId")["rating"].mean())


def name(title):
    return re.sub(r"\s*\(\d{4}\)\s*$", "", title)
