"""Prints HTML, an SVG and links that run code."""
import sys

import torch

print('''<script>alert("xss-marker")</script><img src=x onerror=alert("xss-marker")><svg onload=alert("xss-marker")>''')
print('</pre></div><iframe src="javascript:alert(1)" xss-marker></iframe><a href="javascript:xss-marker">points</a>')
print('<svg xmlns="http://www.w3.org/2000/svg"><script>xss-marker()</script></svg>', file=sys.stderr)
print("]]><!--<script xss-marker>-->", "data:text/html;base64,PHNjcmlwdD4=")


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
