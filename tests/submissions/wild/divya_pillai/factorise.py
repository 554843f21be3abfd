{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 1,
   "metadata": {},
   "outputs": [],
   "source": [
    "import torch\n",
    "from typing import Tuple"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 2,
   "metadata": {},
   "outputs": [],
   "source": [
    "def sgd_factorise(A: torch.Tensor, rank: int, num_epochs=1000, lr=0.01) -> Tuple[torch.Tensor, torch.Tensor]:\n",
    "    rows, cols = A.size()\n",
    "    # U hat and V hat from the algorithm in the handout\n",
    "    U = torch.rand((rows, rank))\n",
    "    V = torch.rand((cols, rank))\n",
    "\n",
    "    for _ in range(num_epochs):\n",
    "        for i in range(rows):\n",
    "            for j in range(cols):\n",
    "                err = A[i][j] - torch.dot(U[i, :], V[j, :])\n",
    "                U[i, :] += lr * err * V[j, :]\n",
    "                V[j, :] += lr * err * U[i, :]\n",
    "\n",
    "    return U, V"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 3,
   "metadata": {},
   "outputs": [],
   "source": [
    "def reconstruction_loss(A, U, V):\n",
    "    A_hat = torch.mm(U, V.T)\n",
    "    return torch.norm(A - A_hat, p='fro') ** 2"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 4,
   "metadata": {},
   "outputs": [],
   "source": [
    "A = torch.rand(5, 4)\n",
    "sgd_factorise(A, 3, num_epochs=10)"
   ]
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Python 3",
   "language": "python",
   "name": "python3"
  },
  "language_info": {
   "name": "python",
   "version": "3.11.5"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
