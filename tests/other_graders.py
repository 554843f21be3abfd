"""Small assignments in the formats of Otter Assign and nbgrader, for tests of `grader import`.

A notebook is written as text: `%% KIND` begins a cell. After a bar is what nbgrader notes about the cell
(`solution ID`, `tests ID POINTS`, `answer ID POINTS`, `task ID POINTS`), or what it gave or printed.
"""

import json
import re

_NOTED = {
    "solution": {"solution": True},
    "tests": {"grade": True, "locked": True},
    "answer": {"grade": True, "solution": True},
    "task": {"task": True, "locked": True},
}


def notebook(path, text):
    """Write the notebook of a text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pieces = re.split(r"^%% (\w+)(?: \| (.*))?\n", text, flags=re.MULTILINE)[1:]
    cells = [_cell(*pieces[place : place + 3]) for place in range(0, len(pieces), 3)]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def _cell(kind, more, text):
    cell = {"cell_type": kind, "metadata": {}, "source": text.strip("\n").splitlines(keepends=True)}
    cell |= {"execution_count": None, "outputs": []} if kind == "code" else {}
    word, _, rest = (more or "").partition(" ")
    if word == "gives":
        value = {"output_type": "execute_result", "data": {"text/plain": [rest]}, "metadata": {}, "execution_count": 1}
        cell["outputs"] = [value]
    elif word == "prints":
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [rest]}]
    elif word:
        name, _, points = rest.partition(" ")
        noted = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "grade_id": name}
        cell["metadata"]["nbgrader"] = noted | ({"points": float(points)} if points else {}) | _NOTED[word]
    return cell


DISTANCES = r'''
%% markdown
# Distances

We measure how far vectors are apart. ![](space.png)

%% code
%matplotlib inline
import math
import torch
from nose.tools import assert_raises
SCALE = 2.0

%% code
def shown(value):
    return f'{value:.2f}'

%% markdown
## Part A (2 points)

Write `distance`, for which $d \geq 0$.

%% code | solution distance
def distance(u, v):
    """Return the distance of two vectors."""
    ### BEGIN SOLUTION
    if len(u) != len(v):
        raise ValueError("lengths differ")
    return math.sqrt(float(((u - v) ** 2).sum()))
    ### END SOLUTION

%% code
distance(torch.zeros(2), torch.ones(2))

%% code | tests plane 4
"""The distance of two points of the plane."""
assert distance(torch.zeros(2), torch.tensor([3.0, 4.0])) == 5.0
### BEGIN HIDDEN TESTS
far = torch.full((2,), SCALE)
assert math.isclose(distance(far, -far), 4 * math.sqrt(SCALE)), "far apart"
### END HIDDEN TESTS

%% code | tests lengths 1
assert_raises(ValueError, distance, torch.zeros(2), torch.zeros(3))

%% code | tests lengths-again 1
try:
    distance(torch.zeros(1), torch.zeros(4))
except ValueError:
    pass
else:
    raise AssertionError("nothing was raised")

%% code | solution nearest
def nearest(point, others):
    # the nearest one
    return min(others, key=lambda one: distance(point, one))

%% code | tests nearest 2
near = [torch.tensor([float(n)]) for n in range(1, 4)]
torch.testing.assert_close(nearest(torch.tensor([2.2]), near), torch.tensor([2.0]))
assert nearest(torch.tensor([0.0]), near).shape == (1,)

%% code | solution mean
mean_distance = 1.5

%% code | tests mean_test 1
assert mean_distance == 1.5

%% code | tests uses_distance 1
old = distance
del distance
distance = old

%% code | tests auto 1
### AUTOTEST distance(torch.zeros(1), torch.ones(1))

%% markdown
## Part B (3 points)

Why is $d(u, v) = d(v, u)$?

%% markdown | answer symmetry 3
Squares have no sign: $(u - v)^2 = (v - u)^2$.

%% markdown | task plot 2
Plot it.
=== BEGIN MARK SCHEME ===
2 for axes
=== END MARK SCHEME ===
'''

PRIMES = r'''
%% raw
# ASSIGNMENT CONFIG
name: hw01
files:
    - data.csv
seed:
    variable: rng_seed

%% markdown
# Prime numbers

%% code
import numpy as np
import torch
limit = 30


def is_even(n):
    return n % 2 == 0

%% raw
# BEGIN QUESTION
name: q1
points: 4

%% markdown
**Question 1.** Write `sieve`.

%% raw
# BEGIN SOLUTION

%% code
def sieve(n):
    """Return the primes up to n."""
    found = set()
    for candidate in range(2, n + 1):
        if all(candidate % p for p in found): # SOLUTION
            found.add(candidate) # SOLUTION
    # BEGIN IGNORE
    print("only for us")
    # END IGNORE
    return found

%% raw
# END SOLUTION

%% raw
# BEGIN TESTS

%% code
def test_low(sieve):
    assert sieve(1) == set()
    assert sieve(3) == {2, 3}

test_low(sieve)  # IGNORE

%% code | gives 10
""" # BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: Look at the end.
""" # END TEST CONFIG
len(sieve(limit))

%% code | gives True
all(is_even(p + 1) for p in sieve(9) if p > 2)

%% raw
# END TESTS

%% raw
# END QUESTION

%% markdown
Then a second one.

```otter
# BEGIN QUESTION
name: 2
```

**Question 2.** Scale a tensor.

```otter
# BEGIN SOLUTION
```

%% code
def scaled(x):
    return 2 * x # SOLUTION
    """ # BEGIN PROMPT
    return ...
    """ # END PROMPT

%% markdown
```otter
# END SOLUTION
```
```otter
# BEGIN TESTS
```

%% code | gives True
# HIDDEN
bool(torch.equal(scaled(torch.ones(2)), torch.full((2,), 2.0)))

%% code | gives tensor([2., 2.])
scaled(torch.ones(2))

%% code | prints 2
print(scaled(1))

%% code | gives 3.0
scaled(1.5)

%% raw
# END TESTS

%% raw
# END QUESTION

%% raw
# BEGIN QUESTION
name: q3

%% markdown
**Question 3.** Assign `nine`.

%% raw
# BEGIN SOLUTION

%% code
nine = 9 # SOLUTION

%% raw
# END SOLUTION

%% raw
# BEGIN TESTS

%% code | gives True
nine == 9

%% raw
# END TESTS

%% raw
# END QUESTION

%% raw
# BEGIN QUESTION
name: q4 why
manual: true
points: 1.5

%% markdown
**Why 1 is no prime.** Explain.

%% raw
# BEGIN PROMPT

%% markdown
_Write here._

%% raw
# END PROMPT

%% raw
# BEGIN SOLUTION

%% markdown
**SOLUTION:** $1$ would make factors ambiguous.

%% raw
# END SOLUTION

%% raw
# END QUESTION

%% raw
# BEGIN QUESTION
name: q5
manual: true

%% markdown
Draw it.

%% raw
# BEGIN SOLUTION

%% code
plot(nine) # SOLUTION

%% raw
# END SOLUTION

%% raw
# END QUESTION
'''

LINES = r"""
%% code
import torch
STEP = 0.5


def rounded(x):
    return round(x / STEP) * STEP


def _half(x):
    return x / 2

%% code | solution middle
def middle(a, b):
    ### BEGIN SOLUTION
    return rounded(_half(a + b))
    ### END SOLUTION


class Line:
    def __init__(self, slope):
        ### BEGIN SOLUTION
        self.slope = slope
        ### END SOLUTION

%% code | tests first 1
def test_near(a, b):
    return abs(a - b) < STEP

assert test_near(middle(1, 2), 1.6)

%% code | tests loop 1
for n in range(3):
    if n:
        assert test_near(middle(n, n), n), f'for {n}'

%% code | tests line 1
assert Line(2).slope == 2

%% code | tests given 1
assert middle(*map(float, (1, 3))) == rounded(2.1)

%% code | tests mapped 1
assert len(list(map(middle, [1, 2], [3, 4]))) == 2

%% code | tests share 2
middle(1, 3) / 4

%% code | tests handed 1
assert middle(lambda: 1, 2)

%% code | tests module 1
import nothing_like_it
assert middle(1, 1) == 1

%% code | tests worthless 0
assert middle(1, 1) == 1

%% code | tests caught 1
try:
    middle(1, 'x')
except TypeError as error:
    assert 'str' in str(error)

%% code | tests wrong 1
assert middle(0, 1) == 7
"""
