from .mf import sgd_factorise, reconstruction_loss
