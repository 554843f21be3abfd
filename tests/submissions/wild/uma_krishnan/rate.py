import torch
def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    """full batch gradient descent, see slide 14"""
    U, V = torch.rand(len(A), rank), torch.rand(A.shape[1], rank)
    seen = M.bool()
    for _ in range(num_epochs):
        R = torch.zeros(A.shape)
        R[seen] = A[seen].float() - (U @ V.t())[seen]
        dU = R.mm(V)
        dV = R.t().mm(U)
        U = U + lr * dU
        V = V + lr * dV
    return U, V
def masked_sse(A, M, U, V):
    diff = (A - U @ V.T)[M == 1]
    return torch.sum(diff ** 2)
def predict_rating(U, V, movie, user):
    # prediction = row of U times row of V
    return (U[movie] * V[user]).sum()
