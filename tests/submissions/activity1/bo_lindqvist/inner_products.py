"""My own inner products, so that I see what @ does."""


def inner(a, b):
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:]):
        total = total + x * y
    return total


def first_maximum(row):
    best = 0
    for j in range(len(row)):
        if row[j] > row[best]:
            best = j
    return best
