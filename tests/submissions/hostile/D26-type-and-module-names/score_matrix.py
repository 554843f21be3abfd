"""Returns objects whose type, module and fields have hostile names."""
from collections import namedtuple

NAME = "<img src=x onerror=alert(1) xss-marker>"
Hostile = type(NAME, (), {"__module__": "<script>xss-marker</script>"})


def stack_rows(vectors):
    return Hostile()


def score_matrix(Q, K):
    return type("T" * 100000 + NAME, (), {})()


def favourite_movie(S, user):
    pair = namedtuple("pair", ["a", "b"])(1, 2)
    return {NAME: pair}
