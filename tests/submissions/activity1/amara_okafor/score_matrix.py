# Activity 1 - Amara Okafor
import torch


def stack_rows(vectors):
    M = torch.stack(vectors)
    print("stacked", M.shape)
    return M


def score_matrix(Q, K):
    S = Q @ K.T
    print("scores:")
    print(S)
    return S


def favourite_movie(S, user):
    best = int(torch.argmax(S[user]))
    print(f"user {user + 1} likes movie {best + 1} best")
    return best


if __name__ == "__main__":
    users = [torch.tensor([2, 0, 1]), torch.tensor([1, 2, 0]), torch.tensor([0, 1, 3])]
    movies = [torch.tensor([1, 0, 2]), torch.tensor([0, 1, 1]), torch.tensor([2, 1, 0]), torch.tensor([1, 2, 1])]
    favourite_movie(score_matrix(stack_rows(users), stack_rows(movies)), 2)
