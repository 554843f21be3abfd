"""Entry points whose signature runs in circles."""
import functools


class Circle:
    def __call__(self, *args, **kwargs):
        return 0

    @property
    def __wrapped__(self):
        return self

    @property
    def __signature__(self):
        raise KeyboardInterrupt


stack_rows = Circle()


@functools.wraps(stack_rows, updated=())
def score_matrix(*everything):
    return everything


class favourite_movie:
    def __init__(self, S, user):
        self.S = S

    def __init_subclass__(cls):
        print("BREACH a class of the student was extended")
