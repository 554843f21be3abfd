"""Raises exceptions whose texts are HTML."""

MARKUP = '''<script>alert("xss-marker")</script><img src=x onerror=alert("xss-marker")><svg onload=alert("xss-marker")>"'></title></style></textarea></pre></script>&lt;b xss-marker&gt;'''


def stack_rows(vectors):
    raise ValueError(MARKUP)


def score_matrix(Q, K):
    raise type("<img src=xss-marker onerror=alert(1)>", (Exception,), {})(MARKUP)


def favourite_movie(S, user):
    raise SyntaxError(MARKUP, ("<svg onload=xss-marker>", 1, 1, "<script xss-marker>"))
