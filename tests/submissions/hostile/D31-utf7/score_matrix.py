# -*- coding: utf-7 -*-
"""In UTF-7 the comment below holds a line of code."""
# +AAo-import os; os._exit(0)
