# -*- coding: rot13 -*-
"""Jebat nafjref va ebg13."""
cevag("OERNPU ebg13 jnf eha")
