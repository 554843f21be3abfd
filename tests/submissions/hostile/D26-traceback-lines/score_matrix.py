"""Crashes in lines and functions that are HTML themselves."""


def stack_rows(vectors):
    "<script>xss-marker</script>" + 1  # <img src=x onerror=alert(1) xss-marker>


exec(compile("def score_matrix(Q, K):\n    return 1 / 0", __file__.replace("score_matrix", "<svg onload=xss-marker>"), "exec"))
score_matrix.__code__ = score_matrix.__code__.replace(co_name="<script xss-marker>")


def favourite_movie(S, user):
    raise ImportError("<b xss-marker>", name="<i xss-marker>")
