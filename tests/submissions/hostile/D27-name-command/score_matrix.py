"""Wrong answers, from a student whose name is a spreadsheet formula."""

print("=1+1", "@SUM(A1)", "\t=cmd", sep="\n")


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
