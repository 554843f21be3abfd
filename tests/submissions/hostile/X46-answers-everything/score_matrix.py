"""Returns objects, and is a module, in which every name exists."""


class Anything:
    def __getattr__(self, name):
        return Anything()

    def __call__(self, *args, **kwargs):
        return Anything()

    def __getitem__(self, key):
        return Anything()

    def __iter__(self):
        return iter([Anything()] * 3)


def __getattr__(name):
    return Anything()
