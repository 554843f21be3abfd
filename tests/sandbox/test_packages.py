"""Packages that students of the course may import work behind the walls, and progress bars leave the output alone."""

import torch

from sandbox.students import student

BARS = """
    import sys
    from tqdm import tqdm, trange
    from tqdm.auto import tqdm as automatic

    def count(steps):
        total = 0
        with tqdm(range(steps), desc="training") as bar:
            for step in bar:
                total += step
                bar.set_postfix(loss=1.0 / (1 + step))
                bar.set_description(f"step {step}")
        for step in trange(steps, leave=False):
            total += step
        return total

    def by_hand(steps):
        bar = automatic(total=steps, file=sys.stdout)
        while bar.n < bar.total:  # a bar that is disabled never gets there
            bar.update(1)
            bar.refresh()
        bar.clear()
        bar.close()
        return bar.n

    def nested(steps):
        for _ in tqdm(range(steps)):
            for _ in tqdm(range(2), position=1):
                pass

    def said():
        tqdm.write("epoch 1: 0.25")
"""


def test_a_progress_bar_counts_and_leaves_the_output_alone(walled):
    with student(walled, BARS) as s:
        assert s("count", 500) == 2 * sum(range(500))
        assert s("by_hand", 200) == 200
        assert s("nested", 30) is None
        assert s.calls.take_output() == ("", False)
        s("said")
        assert s.calls.take_output() == ("epoch 1: 0.25\n", False)


def test_a_progress_bar_starts_no_thread(slots):
    source = f"{BARS}\n    import threading\n    def threads(): return count(5) and threading.active_count()\n"
    with student(slots("process"), source) as s:
        assert s("threads") == 1


LIBRARIES = """
    import numpy as np, torch

    def reduced(X):
        from sklearn.decomposition import PCA
        from sklearn.metrics import accuracy_score
        from sklearn.model_selection import train_test_split
        train, test = train_test_split(X.numpy(), random_state=0)
        assert accuracy_score([1, 0], [1, 1]) == 0.5
        return torch.from_numpy(PCA(2).fit(train).transform(test))

    def sparse(rows, columns):
        from scipy.sparse import coo_matrix
        return coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(3, 3)).toarray()
"""


def test_what_coursework_uses_of_scikit_learn_and_scipy_works(slots):
    with student(slots("process"), LIBRARIES) as s:
        X = torch.randn(40, 5, generator=torch.Generator().manual_seed(0))
        assert s("reduced", X, seconds=60).shape == (10, 2)
        assert s("sparse", [0, 2], [1, 2], seconds=60).tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 1]]


def test_a_function_for_torch_compile_runs_as_it_is(slots):
    source = """
        import torch

        @torch.compile
        def double(x): return 2 * x

        def network(x): return torch.compile(torch.nn.Flatten())(x)
    """
    with student(slots("process"), source, seconds=30) as s:
        assert torch.equal(s("double", torch.ones(3)), torch.full((3,), 2.0))
        assert s("network", torch.ones(2, 2, 2)).shape == (2, 4)
