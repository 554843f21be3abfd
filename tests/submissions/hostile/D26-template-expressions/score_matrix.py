"""Prints and raises expressions that template engines and shells evaluate."""

EXPRESSIONS = "{{ 7*7 }} {% raw %} {{ ''.__class__.__mro__ }} ${7*7} #{7*7} <%= 7*7 %> {0.__class__} %(x)s $(id) `id`"

print(EXPRESSIONS)


def stack_rows(vectors):
    raise ValueError(EXPRESSIONS)


def score_matrix(Q, K):
    raise type("{{ 7*7 }}", (Exception,), {})("{% include '/etc/passwd' %}")


def favourite_movie(S, user):
    return type("{{ config }}", (), {})()
