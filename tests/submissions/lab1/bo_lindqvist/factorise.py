import sgd


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    U, V = sgd.random_factors(A, rank)
    for _ in range(num_epochs):
        for r, u in enumerate(U):
            for c, v in enumerate(V):
                sgd.step(A[r, c], u, v, lr)
    return U, V


def reconstruction_loss(A, U, V):
    R = A - U @ V.T
    return (R * R).sum()
