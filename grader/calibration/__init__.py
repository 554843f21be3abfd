"""How often a gate fails right solutions and passes wrong ones: sampled, measured, stored and drawn."""
