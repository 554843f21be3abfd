import sgd


def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    U, V = sgd.random_factors(A, rank)
    observed = M.bool().nonzero().tolist()
    for _ in range(num_epochs):
        for r, c in observed:
            sgd.step(A[r, c], U[r], V[c], lr)
    return U, V
